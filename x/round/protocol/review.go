package protocol

import (
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// apply records verdicts of audits and, when an evaluation is due and Blind is
// given, a vote on it. Either may be sent alone, verdicts as often as there are
// any.
func (e Review) apply(m *machine) error {
	r, err := m.open(e.Round, PhaseReview)
	if err != nil {
		return err
	}
	seat, err := seated(r, e.Account)
	if err != nil {
		return err
	}
	if e.Blind.IsZero() && len(e.Findings) == 0 {
		return fmt.Errorf("%w: neither a vote nor a verdict", ErrInvalid)
	}
	if len(e.Findings) > MaxFindings {
		return fmt.Errorf("%w: %d verdicts, send at most %d at a time", ErrInvalid, len(e.Findings), MaxFindings)
	}
	if err := e.checkVote(r); err != nil {
		return err
	}
	audits := make([]*Audit, len(e.Findings))
	for i, f := range e.Findings {
		if audits[i], err = r.asked(e.Account, f); err != nil {
			return err
		}
		if slices.Contains(audits[:i], audits[i]) {
			return fmt.Errorf("%w: segment %d of slot %d twice", ErrDuplicate, f.Segment, f.Slot)
		}
	}
	if !e.Blind.IsZero() {
		vote := r.voteOf(e.Account)
		vote.Review, vote.ReviewAt = e.Blind, m.now
		r.Round.cast(seat, m.now)
		m.tell(ReviewCast{Run: m.Run.ID, Round: e.Round, Account: e.Account, Voted: r.Round.Voted, Total: r.Round.Weight()})
	}
	for i, f := range e.Findings {
		m.answer(r, e.Account, audits[i], f)
	}
	return nil
}

// MaxFindings bounds the verdicts of one message.
const MaxFindings = 64

func (e Review) checkVote(r *RoundState) error {
	if e.Blind.IsZero() {
		return nil
	}
	if !r.Round.EvalDue {
		return fmt.Errorf("%w: no evaluation is due in round %d", ErrPhase, e.Round)
	}
	if old := r.vote(e.Account); old != nil && !old.Review.IsZero() {
		return fmt.Errorf("%w: %s voted on the evaluation of round %d", ErrDuplicate, e.Account, e.Round)
	}
	return nil
}

func (e Report) apply(m *machine) error {
	r, err := m.open(e.Round, PhaseReview)
	if err != nil {
		return err
	}
	if !r.Round.EvalDue {
		return fmt.Errorf("%w: no evaluation is due in round %d", ErrPhase, e.Round)
	}
	if _, err := seated(r, e.Account); err != nil {
		return err
	}
	if r.Round.Eval.Reported {
		return fmt.Errorf("%w: round %d has its evaluation", ErrDuplicate, e.Round)
	}
	b := r.ballot(func(v *Vote) (digest.Digest, time.Time) { return v.Review, v.ReviewAt })
	if err := b.mayOpen(m.now, m.Run.Spec.Grace); err != nil {
		return err
	}
	opened, weight := b.opened(m.now, func(a Account) digest.Digest {
		return EvalBlind(a, m.Run.ID, e.Round, r.Round.Result.Checkpoint, e.MicroNats, e.Tokens)
	})
	if !Quorum(weight, b.total) {
		return fmt.Errorf("%w: %d micro-nats over %d tokens opens the votes of %d of %d", ErrNoQuorum, e.MicroNats, e.Tokens, weight, b.total)
	}
	for _, account := range opened {
		r.voteOf(account).Reviewed = true
	}
	r.Round.Eval = Eval{Reported: true, MicroNats: e.MicroNats, Tokens: e.Tokens}
	m.do(RecordEval{Run: m.Run.ID, Round: e.Round, Checkpoint: r.Round.Result.Checkpoint, Set: m.Run.Spec.Eval, MicroNats: e.MicroNats,
		Tokens: e.Tokens})
	return nil
}
