package attester

import (
	"context"
	"errors"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Public is what an attester shows to everybody: blobs that it offers, and snapshots that it gets from their trainers. It
// implements mirror.Source.
type Public []worker.Config // of its runs; they share a host and a store

// Blob implements mirror.Source.
func (p Public) Blob(d digest.Digest) ([]byte, error) {
	if len(p) == 0 || !p[0].Host.Offered(d) {
		return nil, ckpt.ErrNotFound
	}
	return ckpt.GetBytes(p[0].Store, d, checkpoint.MaxFile)
}

// Snapshot implements mirror.Source. It asks the trainer whose slot it is; what comes is passed on unchecked, since whoever
// asks checks it against the trace.
func (p Public) Snapshot(ctx context.Context, run, round uint64, slot, leaf uint32) ([]byte, error) {
	for i := range p {
		if p[i].Run == run {
			return snapshot(ctx, &p[i], round, slot, leaf)
		}
	}
	return nil, ckpt.ErrNotFound
}

func snapshot(ctx context.Context, c *worker.Config, round uint64, slot, leaf uint32) ([]byte, error) {
	r, err := c.Chain.Round(ctx, c.Run, round)
	if err != nil {
		return nil, err
	}
	s, err := c.Chain.Sight(ctx, c.Run)
	if err != nil {
		return nil, err
	}
	for _, part := range r.Parts {
		if part.Slot(slot) == nil {
			continue
		}
		ad, err := c.Decoder.NewAdapter(c.Adapter)
		if err != nil {
			return nil, err
		}
		b, err := c.Host.FetchSnapshot(ctx, s.Peer(part.Trainer), c.Run, round, slot, leaf,
			replay.MaxServed(len(ad.Params), protocol.MaxInnerSteps))
		if errors.Is(err, gossip.ErrNotServed) {
			return nil, ckpt.ErrNotFound
		}
		return b, err
	}
	return nil, ckpt.ErrNotFound
}
