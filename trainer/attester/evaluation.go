package attester

import (
	"context"

	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// review evaluates the round's checkpoint in the background, votes, and opens the votes.
func (a *attester) review(ctx context.Context, s *worker.Sight, r *protocol.RoundState) error {
	if !r.Round.EvalDue || r.Round.Eval.Reported {
		return nil
	}
	v, err := a.evaluate(ctx, s, r)
	if err != nil || v == nil {
		return err
	}
	run, n := s.State.Run.ID, r.Round.Number
	blind := protocol.EvalBlind(a.Account, run, n, r.Round.Result.Checkpoint, v.MicroNats, v.Tokens)
	return a.cast(ctx, run, ballot{
		name: "the evaluation", voted: !r.VoteBy(a.Account).Review.IsZero(), opened: r.Round.Eval.Reported, quorumAt: r.Round.QuorumAt,
		vote: protocol.Review{Account: a.Account, Round: n, Blind: blind},
		open: func() protocol.Event {
			return protocol.Report{Account: a.Account, Round: n, MicroNats: v.MicroNats, Tokens: v.Tokens}
		},
		saidVote: &status.Evaluated{At: worker.In(n), MicroNats: v.MicroNats, Tokens: v.Tokens},
		saidOpen: &status.Reported{At: worker.In(n), MicroNats: v.MicroNats, Tokens: v.Tokens},
	})
}

// evaluate returns the evaluation of a round's checkpoint, or nil while it is being computed.
func (a *attester) evaluate(ctx context.Context, s *worker.Sight, r *protocol.RoundState) (*protocol.Eval, error) {
	w, err := a.about(ctx, r)
	if err != nil {
		return nil, err
	}
	if w.eval != nil {
		return w.eval, nil
	}
	cp, err := a.Checkpoint(ctx, r.Round.Result.Checkpoint)
	if err != nil {
		return nil, err
	}
	seq, result := int(s.State.Run.Spec.SeqLen), protocol.Eval{}
	a.background(ctx, func(ctx context.Context) (err error) {
		result.MicroNats, result.Tokens, err = replay.Evaluate(ctx, a.pass, cp.Adapter, a.Eval, seq)
		return err
	}, func() { w.eval = &result })
	return nil, nil
}
