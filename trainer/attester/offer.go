package attester

import (
	"context"
	"errors"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// offer makes available to the others what this attester holds of the run; nothing is offered before FINAL.
func (a *attester) offer(ctx context.Context, s *protocol.State) error {
	if !a.offered {
		if err := a.offerRounds(ctx, s); err != nil {
			return err
		}
		a.offered = true
	}
	head := s.Run.Head
	if a.served == head {
		return nil
	}
	if err := a.offerCheckpoint(head); err != nil {
		return err
	}
	if a.Host.Offered(head) {
		a.served = head
	}
	return nil
}

// offerRounds offers what the chain says of a run's rounds that are not pruned yet, as far as it is in the store: after a
// restart, bodies and checkpoints can be had as before.
func (a *attester) offerRounds(ctx context.Context, s *protocol.State) error {
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

// offerCheckpoint offers a checkpoint's manifest and files, if they are in the store.
func (a *attester) offerCheckpoint(d digest.Digest) error {
	raw, err := ckpt.GetBytes(a.Store, d, ckpt.MaxManifest)
	if errors.Is(err, ckpt.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return err
	}
	a.Host.Offer(d)
	for _, f := range m.Files {
		a.Host.Offer(f.Digest)
	}
	return nil
}
