package protocol

import (
	"fmt"
	"time"
)

// reviewing finds a round whose evaluation is voted on.
func (m *machine) reviewing(number uint64) (*RoundState, error) {
	r, err := m.open(number, PhaseReview)
	if err != nil {
		return nil, err
	}
	if !r.Round.EvalDue {
		return nil, fmt.Errorf("%w: no evaluation is due in round %d", ErrPhase, number)
	}
	return r, nil
}

func (e Review) apply(m *machine) error {
	r, err := m.reviewing(e.Round)
	if err != nil {
		return err
	}
	seat, err := seated(r, e.Account)
	if err != nil {
		return err
	}
	if e.Blind.IsZero() {
		return fmt.Errorf("%w: an empty vote", ErrInvalid)
	}
	if old := r.vote(e.Account); old != nil && !old.Review.IsZero() {
		return fmt.Errorf("%w: %s voted on the evaluation of round %d", ErrDuplicate, e.Account, e.Round)
	}
	vote := r.voteOf(e.Account)
	vote.Review, vote.ReviewAt = e.Blind, m.now
	r.Round.cast(seat, m.now)
	m.emit(ReviewCast{Run: m.Run.ID, Round: e.Round, Account: e.Account, Voted: r.Round.Voted, Total: r.Round.Weight()})
	return nil
}

func (e Report) apply(m *machine) error {
	r, err := m.reviewing(e.Round)
	if err != nil {
		return err
	}
	if _, err := seated(r, e.Account); err != nil {
		return err
	}
	if r.Round.Eval.Reported {
		return fmt.Errorf("%w: round %d has its evaluation", ErrDuplicate, e.Round)
	}
	if err := r.mayOpen(m.now, m.Run.Spec.Grace, func(v *Vote) time.Time { return v.ReviewAt }); err != nil {
		return err
	}
	votes, weight := r.opened(m.now, func(v *Vote) (Digest, time.Time, Digest) {
		return v.Review, v.ReviewAt, EvalBlind(v.Attester, m.Run.ID, e.Round, r.Round.Result.Checkpoint, e.MicroNats, e.Tokens)
	})
	if total := r.Round.Weight(); !Quorum(weight, total) {
		return fmt.Errorf("%w: %d micro-nats over %d tokens opens the votes of %d of %d", ErrNoQuorum, e.MicroNats, e.Tokens, weight, total)
	}
	for _, vote := range votes {
		vote.Reviewed = true
	}
	r.Round.Eval = Eval{Reported: true, MicroNats: e.MicroNats, Tokens: e.Tokens}
	m.emit(RecordEval{Run: m.Run.ID, Round: e.Round, Checkpoint: r.Round.Result.Checkpoint, MicroNats: e.MicroNats, Tokens: e.Tokens})
	return nil
}
