package attester

import (
	"context"
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// attest votes blindly on the round's outcome, and opens the votes when two thirds have voted.
func (a *attester) attest(ctx context.Context, s *worker.Sight, r *protocol.RoundState) error {
	o, err := a.outcome(ctx, s, r)
	if err != nil || o == nil {
		return err
	}
	run, n, mine := s.State.Run.ID, r.Round.Number, r.VoteBy(a.Account)
	var salt digest.Digest
	if !mine.SaltCommit.IsZero() {
		if salt, err = a.salt(run, n); err != nil {
			return err
		}
	}
	return a.cast(ctx, run, ballot{
		name: "the checkpoint", voted: !mine.Blind.IsZero(), opened: r.Round.Opened, quorumAt: r.Round.QuorumAt,
		vote:     protocol.Attest{Account: a.Account, Round: n, Blind: protocol.Blind(a.Account, run, n, o.Checkpoint, o.Root()), Salt: salt},
		open:     func() protocol.Event { return protocol.Reveal{Account: a.Account, Round: n, Outcome: *o} },
		saidVote: &status.Voted{At: worker.In(n), Checkpoint: o.Checkpoint},
		saidOpen: &status.Revealed{At: worker.In(n), Checkpoint: o.Checkpoint},
	})
}

// outcome folds the included bodies; nil while one of them is still missing here.
func (a *attester) outcome(ctx context.Context, s *worker.Sight, r *protocol.RoundState) (*protocol.Outcome, error) {
	w, err := a.about(ctx, r)
	if err != nil {
		return nil, err
	}
	if w.outcome != nil {
		return w.outcome, nil
	}
	if err := a.takeAll(ctx, s, r, true); err != nil {
		return nil, err
	}
	spec := &s.State.Run.Spec
	o := &protocol.Outcome{}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, x := range p.Slots {
			j := replay.NewJob(spec, &r.Round, x.Index, w.start, a.Train)
			o.AssignedTokens += j.Tokens(spec.InnerSteps)
			if _, in := slices.BinarySearch(r.Round.Included, x.Index); !in {
				continue
			}
			if w.changes[x.Commit.Body] == nil {
				return nil, nil
			}
			o.Contributions = append(o.Contributions, protocol.Contribution{Trainer: p.Trainer, Slot: x.Index, Delta: x.Commit.Body,
				Steps: x.Commit.Steps, Tokens: j.Tokens(x.Commit.Steps)})
		}
	}
	slices.SortFunc(o.Contributions, func(x, y protocol.Contribution) int { return int(int64(x.Slot) - int64(y.Slot)) })
	next, err := checkpoint.Fold(a.Store, w.start, spec, s.State.Run.ID, r.Round.Number, o.Contributions, w.changes)
	if err != nil {
		return nil, fmt.Errorf("round %d cannot be folded: %w", r.Round.Number, err)
	}
	o.Checkpoint, o.Size = next.Digest, next.Size()
	w.outcome = o
	return o, nil
}
