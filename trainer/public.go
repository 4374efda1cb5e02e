package trainer

import (
	"context"
	"errors"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/x/round/protocol"
)

// Public is what an attester shows to everybody: blobs that it offers, and states that it gets from their trainers. It
// implements mirror.Source.
type Public struct{ Config }

// Blob implements mirror.Source.
func (p Public) Blob(d digest.Digest) ([]byte, error) {
	if !p.Host.Offered(d) {
		return nil, ckpt.ErrNotFound
	}
	return ckpt.GetBytes(p.Store, d, maxState)
}

// State implements mirror.Source. It asks the trainer whose slot it is; what comes is passed on unchecked, since whoever
// asks checks it against the trace.
func (p Public) State(ctx context.Context, run, round uint64, slot, leaf uint32) ([]byte, error) {
	if run != p.Run {
		return nil, ckpt.ErrNotFound
	}
	r, err := p.Chain.Round(ctx, run, round)
	if err != nil {
		return nil, err
	}
	ws, err := p.Chain.Workers(ctx)
	if err != nil {
		return nil, err
	}
	for _, part := range r.Parts {
		if part.Slot(slot) == nil {
			continue
		}
		ad, err := p.Model.Config.NewAdapter(LoraSpec(p.Adapter))
		if err != nil {
			return nil, err
		}
		b, err := p.Host.FetchState(ctx, peerOf(ws, part.Trainer), run, round, slot, leaf, MaxServed(len(ad.Params), protocol.MaxInnerSteps))
		if errors.Is(err, gossip.ErrNotServed) {
			return nil, ckpt.ErrNotFound
		}
		return b, err
	}
	return nil, ckpt.ErrNotFound
}

// offerRounds offers what the chain says of a run's rounds that are not pruned yet, as far as it is in the store: after a
// restart, bodies and checkpoints can be had as before.
func (a *Attester) offerRounds(ctx context.Context, s *protocol.State) error {
	for n := s.Run.Next; n > 1; n-- {
		r, err := a.Chain.Round(ctx, s.Run.ID, n-1)
		if err != nil {
			return err
		}
		if r.Round.Pruned {
			return nil
		}
		if err := a.offerCheckpoint(r.Round.Parent); err != nil {
			return err
		}
		for _, c := range r.Round.Result.Contributions {
			a.Host.Offer(c.Delta)
		}
	}
	return nil
}
