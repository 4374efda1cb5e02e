package trainer

import (
	"context"
	"errors"
	"fmt"

	"github.com/weftnet/weft/x/round/protocol"
)

// review evaluates the round's checkpoint in the background, votes, and opens the votes.
func (a *Attester) review(ctx context.Context, s *protocol.State, r *protocol.RoundState) error {
	if !r.Round.EvalDue || r.Round.Eval.Reported {
		return nil
	}
	v, err := a.evaluate(ctx, s, r)
	if err != nil || v == nil {
		return err
	}
	n, cp := r.Round.Number, r.Round.Result.Checkpoint
	if voteOf(r, a.Account).Review.IsZero() {
		blind := protocol.EvalBlind(a.Account, s.Run.ID, n, cp, v.MicroNats, v.Tokens)
		if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Review{Account: a.Account, Round: n, Blind: blind}); err != nil {
			return fmt.Errorf("review: %w", err)
		}
		a.tell(Note{Kind: "evaluated", Round: n, Loss: float64(v.MicroNats) / 1e6})
		return nil
	}
	if !a.turn(&r.Round) {
		return nil
	}
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Report{Account: a.Account, Round: n, MicroNats: v.MicroNats, Tokens: v.Tokens})
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	a.tell(Note{Kind: "reported", Round: n, Loss: float64(v.MicroNats) / 1e6})
	return nil
}

// evaluate returns the evaluation of a round's checkpoint, or nil while it is being computed.
func (a *Attester) evaluate(ctx context.Context, s *protocol.State, r *protocol.RoundState) (*protocol.Eval, error) {
	at, err := a.about(ctx, r)
	if err != nil || at.eval != nil {
		return at.safeEval(), err
	}
	cp, err := a.checkpoint(ctx, r.Round.Result.Checkpoint)
	if err != nil {
		return nil, err
	}
	seq, result := int(s.Run.Spec.SeqLen), protocol.Eval{}
	a.background(ctx, func(ctx context.Context) (err error) {
		result.MicroNats, result.Tokens, err = Evaluate(ctx, a.work, cp.Adapter, a.Eval, seq)
		return err
	}, func() { at.eval = &result })
	return nil, nil
}

func (at *attestation) safeEval() *protocol.Eval {
	if at == nil {
		return nil
	}
	return at.eval
}
