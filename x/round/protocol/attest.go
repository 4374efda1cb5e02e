package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Limits of what an outcome may claim; sums over a round stay below 2^63.
const (
	maxSlotTokens   = 1 << 40
	maxRoundTokens  = 1 << 60
	maxCheckpointSz = 1 << 40
)

func (e Attest) apply(m *machine) error {
	r, err := m.open(e.Round, PhaseAttest)
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
	old := r.vote(e.Account)
	if old != nil && !old.Blind.IsZero() {
		return fmt.Errorf("%w: %s voted in attempt %d of round %d", ErrDuplicate, e.Account, r.Round.Attempt, e.Round)
	}
	if err := e.checkSalt(m.Run.ID, old); err != nil {
		return err
	}
	vote := r.voteOf(e.Account)
	vote.Blind, vote.BlindAt, vote.Salt = e.Blind, m.now, e.Salt
	r.Round.cast(seat, m.now)
	m.tell(Attested{Run: m.Run.ID, Round: e.Round, Account: e.Account, Attempt: r.Round.Attempt, Voted: r.Round.Voted,
		Total: r.Round.Weight()})
	return nil
}

// checkSalt: who committed to a salt opens it with the vote, so that nobody can
// choose the audits by choosing whether to open it and still be paid.
func (e Attest) checkSalt(run uint64, vote *Vote) error {
	var committed digest.Digest
	if vote != nil {
		committed = vote.SaltCommit
	}
	if committed.IsZero() && e.Salt.IsZero() {
		return nil
	}
	if e.Salt.IsZero() || SaltCommitment(e.Account, run, e.Round, e.Salt) != committed {
		return fmt.Errorf("%w: the salt is not the one that %s committed to in its witness of round %d", ErrInvalid, e.Account, e.Round)
	}
	return nil
}

// apply opens the votes. An outcome that opens less than two thirds of the
// weight is refused and changes nothing: otherwise one liar could end the
// vote before the honest rest is in. When no outcome ever opens two thirds,
// the deadline makes a new attempt.
func (e Reveal) apply(m *machine) error {
	r, err := m.open(e.Round, PhaseAttest)
	if err != nil {
		return err
	}
	if _, err := seated(r, e.Account); err != nil {
		return err
	}
	if r.Round.Opened {
		return fmt.Errorf("%w: round %d has its result", ErrDuplicate, e.Round)
	}
	b := r.ballot(func(v *Vote) (digest.Digest, time.Time) { return v.Blind, v.BlindAt })
	if err := b.mayOpen(m.now, m.Run.Spec.Grace); err != nil {
		return err
	}
	if err := e.Outcome.check(r); err != nil {
		return err
	}
	root := e.Outcome.Root()
	opened, weight := b.opened(m.now, func(a Account) digest.Digest { return Blind(a, m.Run.ID, e.Round, e.Outcome.Checkpoint, root) })
	if !Quorum(weight, b.total) {
		return fmt.Errorf("%w: %s opens the votes of %d of %d", ErrNoQuorum, e.Outcome.Checkpoint, weight, b.total)
	}
	for _, account := range opened {
		r.voteOf(account).Agreed = true
	}
	r.Round.Opened, r.Round.Result, r.Round.Root = true, e.Outcome, root
	m.tell(Revealed{Run: m.Run.ID, Round: e.Round, Account: e.Account, Checkpoint: e.Outcome.Checkpoint, Root: root, Weight: weight,
		Total: r.Round.Weight()})
	return nil
}

// check compares the outcome with what the chain knows: every included slot
// once, with the body and the steps that were committed.
func (o *Outcome) check(r *RoundState) error {
	if o.Checkpoint.IsZero() || o.Checkpoint == r.Round.Parent {
		return fmt.Errorf("%w: the checkpoint is empty or its own parent", ErrInvalid)
	}
	if o.Size < 1 || o.Size > maxCheckpointSz || o.AssignedTokens > maxRoundTokens {
		return fmt.Errorf("%w: checkpoint of %d bytes, %d tokens assigned", ErrInvalid, o.Size, o.AssignedTokens)
	}
	if len(o.Contributions) != len(r.Round.Included) {
		return fmt.Errorf("%w: %d contributions, %d are included", ErrInvalid, len(o.Contributions), len(r.Round.Included))
	}
	for i, slot := range r.Round.Included {
		c := &o.Contributions[i]
		part := r.part(c.Trainer)
		if c.Slot != slot || part == nil || part.Slot(slot) == nil {
			return fmt.Errorf("%w: contribution %d is not slot %d of its trainer", ErrInvalid, i, slot)
		}
		commit := &part.Slot(slot).Commit
		if c.Delta != commit.Body || c.Steps != commit.Steps || c.Tokens > maxSlotTokens {
			return fmt.Errorf("%w: contribution of slot %d differs from its commitment", ErrInvalid, slot)
		}
	}
	if o.Tokens() > o.AssignedTokens {
		return fmt.Errorf("%w: %d tokens contributed, %d assigned", ErrInvalid, o.Tokens(), o.AssignedTokens)
	}
	return nil
}
