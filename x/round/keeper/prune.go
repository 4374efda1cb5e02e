package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/x/round/protocol"
)

// maxPrunes bounds the rounds of one run that are pruned in a block.
const maxPrunes = 4

// prune reduces the oldest rounds of a run whose evidence window is over to
// their outcomes, and returns when to look again; the zero time when a round
// that is not over, or a new one, has to come first.
func (k Keeper) prune(ctx context.Context, s *session) (time.Time, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for range maxPrunes {
		if s.stored.Pruned >= s.Run.Next {
			return time.Time{}, nil
		}
		if live := s.Find(s.stored.Pruned); live != nil && live.Round.Phase.Live() {
			return time.Time{}, nil
		}
		old := &session{State: &protocol.State{Run: s.Run}, was: map[mark][]byte{}}
		r, err := k.header(ctx, old, s.stored.Pruned)
		if err != nil {
			return time.Time{}, err
		}
		if r != nil { // there is no round 0 in a run without evaluations
			if !r.Round.Prunable(now(ctx), params.EvidenceWindow) {
				return r.Round.Ended.Add(params.EvidenceWindow), nil
			}
			if err := k.reduce(ctx, s.Run, s.stored.Pruned); err != nil {
				return time.Time{}, err
			}
		}
		s.stored.Pruned++
	}
	return now(ctx), nil
}

// reduce rewrites a round without what nobody needs any more.
func (k Keeper) reduce(ctx context.Context, run protocol.Run, number uint64) error {
	old := &session{State: &protocol.State{Run: run}, was: map[mark][]byte{}}
	if err := k.whole(ctx, old, number); err != nil {
		return err
	}
	r := old.Find(number)
	for _, d := range r.Disputes {
		if err := k.disputes.Remove(ctx, collections.Join3(run.ID, number, d.Slot)); err != nil {
			return err
		}
	}
	r.Disputes = nil
	r.Prune()
	return k.saveRound(ctx, old, r)
}
