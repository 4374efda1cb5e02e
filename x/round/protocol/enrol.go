package protocol

import (
	"fmt"
	"slices"
)

func (e Enrol) apply(m *machine) error {
	if err := m.mayJoin(e.Account, false); err != nil {
		return err
	}
	spec := &m.Run.Spec
	if e.Slots < 1 || e.Slots > spec.MaxSlots {
		return fmt.Errorf("%w: %d slots, run %d takes 1 to %d of one trainer", ErrInvalid, e.Slots, m.Run.ID, spec.MaxSlots)
	}
	if m.Run.Attester(e.Account) != nil {
		return fmt.Errorf("%w: %s attests in run %d and cannot train in it", ErrDuplicate, e.Account, m.Run.ID)
	}
	i, found := findTrainer(m.Run.Trainers, e.Account)
	if !found {
		if uint64(len(m.Run.Trainers)) >= EnrolFactor*uint64(spec.MaxTrainers) {
			return fmt.Errorf("%w: run %d has %d trainers enrolled", ErrFull, m.Run.ID, len(m.Run.Trainers))
		}
		m.Run.Trainers = slices.Insert(m.Run.Trainers, i, Trainer{
			Account: e.Account,
			// As if it had just had its turn: leaving and coming back is no way
			// to be selected more often.
			LastSelected: m.Run.Next - 1,
		})
	}
	t := &m.Run.Trainers[i]
	if t.Inactive && m.now.Before(t.InactiveUntil) {
		return fmt.Errorf("%w: %s may enrol again at %s", ErrCooldown, e.Account, stamp(t.InactiveUntil))
	}
	if found && !t.Inactive && !t.Leaving && t.Slots == e.Slots {
		return fmt.Errorf("%w: %s is enrolled in run %d with %d slots", ErrDuplicate, e.Account, m.Run.ID, e.Slots)
	}
	if t.Inactive {
		t.Inactive, t.Misses = false, 0
	}
	t.Slots, t.Leaving = e.Slots, false
	m.lock(e.Account, &t.Bonded, spec.BondPerSlot*uint64(e.Slots))
	m.tell(Enrolled{Run: m.Run.ID, Account: e.Account, Slots: e.Slots})
	return nil
}

func (e Ready) apply(m *machine) error {
	if err := m.mayJoin(e.Account, m.waitingRound() != nil); err != nil {
		return err
	}
	if m.Run.Trainer(e.Account) != nil {
		return fmt.Errorf("%w: %s trains in run %d and cannot attest in it", ErrDuplicate, e.Account, m.Run.ID)
	}
	weight, err := m.world.Weight(e.Account)
	if err != nil {
		return err
	}
	if weight == 0 {
		return fmt.Errorf("%w: %s has no weight: link it to a bonded validator", ErrStanding, e.Account)
	}
	i, found := findAttester(m.Run.Attesters, e.Account)
	if !found {
		if len(m.Run.Attesters) >= MaxAttesters {
			return fmt.Errorf("%w: run %d has %d attesters", ErrFull, m.Run.ID, len(m.Run.Attesters))
		}
		m.Run.Attesters = slices.Insert(m.Run.Attesters, i, Attester{Account: e.Account})
	}
	a := &m.Run.Attesters[i]
	if a.Ready {
		return fmt.Errorf("%w: %s is ready in run %d", ErrDuplicate, e.Account, m.Run.ID)
	}
	a.Ready, a.Absent, a.Missed, a.Leaving = true, 0, 0, false
	m.lock(e.Account, &a.Bonded, m.Run.Spec.BondPerSlot)
	m.tell(AttesterReady{Run: m.Run.ID, Account: e.Account, Weight: weight})
	return nil
}

func (e Leave) apply(m *machine) error {
	if t := m.Run.Trainer(e.Account); t != nil && !t.Leaving {
		t.Leaving = true
	} else if a := m.Run.Attester(e.Account); a != nil && !a.Leaving {
		a.Leaving, a.Ready = true, false
	} else {
		return fmt.Errorf("%w: %s is not enrolled in run %d", ErrNotMember, e.Account, m.Run.ID)
	}
	m.tell(Left{Run: m.Run.ID, Account: e.Account})
	return nil
}

// mayJoin refuses newcomers to a run that takes none (needed: a round
// waits for attesters, whatever the run's status), and accounts that may not
// work.
func (m *machine) mayJoin(account Account, needed bool) error {
	if m.Run.Status != StatusOpen && m.Run.Status != StatusPaused && !needed {
		return fmt.Errorf("%w: run %d is %s", ErrClosed, m.Run.ID, m.Run.Status)
	}
	registered, jailedUntil, err := m.world.Standing(account)
	if err != nil {
		return err
	}
	if !registered {
		return fmt.Errorf("%w: %s is not a registered worker", ErrStanding, account)
	}
	if m.now.Before(jailedUntil) {
		return fmt.Errorf("%w: %s is jailed until %s", ErrStanding, account, stamp(jailedUntil))
	}
	return nil
}

// lock raises a bond to what is needed. Offering less later does not lower
// it: what was served stays covered until the account leaves.
func (m *machine) lock(account Account, bonded *uint64, needed uint64) {
	if needed > *bonded {
		m.do(LockBond{Run: m.Run.ID, Account: account, Amount: needed - *bonded})
		*bonded = needed
	}
}

// releaseLeavers gives bonds back to those who left and serve in no live
// round any more. A trainer that left while cooling down is kept until then:
// leaving is no way around it.
func (m *machine) releaseLeavers() {
	m.Run.Trainers = slices.DeleteFunc(m.Run.Trainers, func(t Trainer) bool {
		cooling := t.Inactive && m.now.Before(t.InactiveUntil) && m.Run.Status != StatusEnded
		gone := t.Leaving && !cooling && !m.serves(t.Account)
		if gone {
			m.release(t.Account, t.Bonded)
		}
		return gone
	})
	m.Run.Attesters = slices.DeleteFunc(m.Run.Attesters, func(a Attester) bool {
		gone := a.Leaving && !m.serves(a.Account)
		if gone {
			m.release(a.Account, a.Bonded)
		}
		return gone
	})
}

func (m *machine) release(account Account, bonded uint64) {
	if bonded > 0 {
		m.do(ReleaseBond{Run: m.Run.ID, Account: account, Amount: bonded})
	}
}

func (m *machine) serves(account Account) bool {
	for i := range m.Rounds {
		r := &m.Rounds[i]
		if !r.Round.Phase.Live() {
			continue
		}
		if p := r.part(account); (p != nil && p.Selected()) || r.Round.Seat(account) != nil {
			return true
		}
	}
	return false
}
