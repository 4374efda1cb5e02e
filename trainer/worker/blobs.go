package worker

import (
	"context"
	"errors"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
)

// Checkpoint returns a checkpoint from the store, or makes the model's first one, or fetches it from the others.
func (w *Worker) Checkpoint(ctx context.Context, d digest.Digest) (*checkpoint.Checkpoint, error) {
	cp, err := checkpoint.Load(w.Store, d, w.Decoder)
	if err == nil || !errors.Is(err, ckpt.ErrNotFound) {
		return cp, err
	}
	if first, err := checkpoint.Initial(w.Store, w.Name, w.Base, w.Adapter, w.Decoder); err != nil {
		return nil, err
	} else if first.Digest == d {
		return first, nil
	}
	if err := w.Host.Fetch(ctx, d, ckpt.MaxManifest); err != nil {
		return nil, err
	}
	raw, err := ckpt.GetBytes(w.Store, d, ckpt.MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if err := w.Host.Fetch(ctx, f.Digest, uint64(f.Size)); err != nil {
			return nil, err
		}
	}
	return checkpoint.Load(w.Store, d, w.Decoder)
}
