package protocol

import (
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
)

// MaxBodyBytes bounds an encoded delta.
const MaxBodyBytes = 1 << 28

// apply records a commitment. The first one of a slot wins: a second machine
// with the same key is told so and loses nothing.
func (e CommitWork) apply(m *machine) error {
	r, err := m.open(e.Round, PhaseTrain)
	if err != nil {
		return err
	}
	part := r.part(e.Account)
	if part == nil || part.Slot(e.Slot) == nil {
		return fmt.Errorf("%w: slot %d of round %d was not given to %s", ErrNotMember, e.Slot, e.Round, e.Account)
	}
	work := part.Slot(e.Slot)
	if part.Reason == ReasonFraud {
		return fmt.Errorf("%w: %s was convicted of fraud in run %d", ErrStanding, e.Account, m.Run.ID)
	}
	if work.Committed() {
		return fmt.Errorf("%w: slot %d is committed with body %s", ErrDuplicate, e.Slot, work.Commit.Body)
	}
	if err := e.Commit.check(&m.Run.Spec); err != nil {
		return err
	}
	work.Commit = e.Commit
	m.tell(Committed{Run: m.Run.ID, Round: e.Round, Account: e.Account, Slot: e.Slot, Commit: e.Commit})
	return nil
}

func (c *Commit) check(spec *RunSpec) error {
	switch {
	case c.Steps < spec.MinSteps:
		return fmt.Errorf("%w: %d steps, fewer than min_steps %d count as LATE", ErrInvalid, c.Steps, spec.MinSteps)
	case c.Steps > spec.InnerSteps:
		return fmt.Errorf("%w: %d steps, a slot has %d", ErrInvalid, c.Steps, spec.InnerSteps)
	case c.Size < 1 || c.Size > MaxBodyBytes:
		return fmt.Errorf("%w: body of %d bytes, wants 1 to %d", ErrInvalid, c.Size, MaxBodyBytes)
	case c.Body.IsZero() || c.Trace.IsZero():
		return fmt.Errorf("%w: body digest and trace root are needed", ErrInvalid)
	}
	return nil
}

func (e Witness) apply(m *machine) error {
	r, err := m.open(e.Round, PhasePublish)
	if err != nil {
		return err
	}
	if _, err := seated(r, e.Account); err != nil {
		return err
	}
	if err := checkSlots(r.Round.Slots, e.Ok); err != nil {
		return err
	}
	if err := checkSlots(r.Round.Slots, e.Bad); err != nil {
		return err
	}
	var ok, bad []uint32
	if old := r.vote(e.Account); old != nil {
		ok, bad = old.Ok, old.Bad
	}
	ok, bad = union(ok, e.Ok), union(bad, e.Bad)
	for _, slot := range bad {
		if _, both := slices.BinarySearch(ok, slot); both {
			return fmt.Errorf("%w: slot %d is said to be both held and invalid", ErrInvalid, slot)
		}
	}
	var salt digest.Digest
	if old := r.vote(e.Account); old != nil {
		salt = old.SaltCommit
	}
	switch {
	case salt.IsZero():
		salt = e.Salt
	case !e.Salt.IsZero() && e.Salt != salt:
		return fmt.Errorf("%w: %s committed to another salt in round %d", ErrDuplicate, e.Account, e.Round)
	}
	vote := r.voteOf(e.Account)
	vote.Witnessed, vote.Ok, vote.Bad, vote.SaltCommit = true, ok, bad, salt
	m.tell(Witnessed{Run: m.Run.ID, Round: e.Round, Account: e.Account, Ok: len(ok), Bad: len(bad)})
	return nil
}

func checkSlots(slots uint32, list []uint32) error {
	for i, slot := range list {
		if slot >= slots || (i > 0 && slot <= list[i-1]) {
			return fmt.Errorf("%w: slots must ascend and be below %d", ErrInvalid, slots)
		}
	}
	return nil
}

// union merges two ascending lists into a new one.
func union(a, b []uint32) []uint32 {
	merged := append(slices.Clone(a), b...)
	slices.Sort(merged)
	return slices.Compact(merged)
}
