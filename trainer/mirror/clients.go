package mirror

import (
	"context"
	"errors"
	"fmt"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// Clients are several mirrors, asked one after another.
type Clients []string // their addresses

// Blob gets a blob of at most limit bytes from the first mirror that has it.
func (cs Clients) Blob(ctx context.Context, d digest.Digest, limit int64) ([]byte, error) {
	errs := []error{fmt.Errorf("%s is nowhere to be had: %w", d, ckpt.ErrNotFound)}
	for _, url := range cs {
		b, err := Client{url}.Blob(ctx, d, limit)
		if err == nil {
			return b, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Snapshot asks for a snapshot of at most limit bytes until check takes one.
func (cs Clients) Snapshot(ctx context.Context, run, round uint64, slot, leaf uint32, limit int64, check func([]byte) error) error {
	errs := []error{errors.New("the snapshot is not served")}
	for _, url := range cs {
		b, err := Client{url}.Snapshot(ctx, run, round, slot, leaf, limit)
		if err == nil {
			err = check(b)
		}
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Pull brings a checkpoint's manifest and files into a store, as far as they are not there, and returns the manifest. told is
// shown every blob that was fetched (nil: nobody is).
func (cs Clients) Pull(ctx context.Context, s ckpt.Store, d digest.Digest, told func(ckpt.FileRef)) (ckpt.Manifest, error) {
	raw, err := cs.into(ctx, s, ckpt.FileRef{Digest: d, Name: ckpt.ManifestFile, Size: ckpt.MaxManifest}, told)
	if err != nil {
		return ckpt.Manifest{}, err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return m, fmt.Errorf("checkpoint %s: %w", d, err)
	}
	for _, f := range m.Files {
		if _, err := cs.into(ctx, s, f, told); err != nil {
			return m, err
		}
	}
	return m, nil
}

// into is a blob of the store, fetched if it is not there.
func (cs Clients) into(ctx context.Context, s ckpt.Store, f ckpt.FileRef, told func(ckpt.FileRef)) ([]byte, error) {
	b, err := ckpt.GetBytes(s, f.Digest, f.Size)
	if err == nil || !errors.Is(err, ckpt.ErrNotFound) && !errors.Is(err, ckpt.ErrDamaged) {
		return b, err
	}
	if b, err = cs.Blob(ctx, f.Digest, f.Size); err != nil {
		return nil, err
	}
	if _, err := ckpt.PutBytes(s, b); err != nil {
		return nil, err
	}
	if told != nil {
		told(f)
	}
	return b, nil
}
