package protocol

import (
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// train closes TRAIN when every slot is committed or the deadline has come.
// Once two thirds of the slots are in, the others have grace left.
func (m *machine) train(r *RoundState) error {
	committed, slots := uint64(0), uint64(0)
	r.eachSlot(func(w *SlotWork) {
		if w.Fate == 0 { // else its trainer was convicted, and it is not waited for
			slots++
			if w.Committed() {
				committed++
			}
		}
	})
	all := committed == slots
	if !all && !r.Round.Graced && Quorum(committed, slots) {
		r.Round.Graced = true
		if sooner := m.now.Add(m.Run.Spec.Grace); sooner.Before(r.Round.Deadline) {
			r.Round.Deadline = sooner
			m.tell(DeadlineShortened{Run: m.Run.ID, Round: r.Round.Number, Deadline: sooner})
		}
	}
	if !all && !m.due(r) {
		return nil
	}
	r.eachSlot(func(w *SlotWork) {
		if w.Fate == 0 && !w.Committed() {
			w.Fate = SlotLate
		}
	})
	if committed == 0 {
		return m.void(r, ReasonVoidNoTrainers)
	}
	m.enter(r, PhasePublish, m.Run.Spec.PublishTime)
	return nil
}

// publish closes PUBLISH when the witnesses have decided on every commitment
// or the deadline has come.
func (m *machine) publish(r *RoundState) error {
	total := r.Round.Weight()
	m.tally(r)
	decided := true
	r.eachSlot(func(w *SlotWork) {
		if w.Fate == 0 && !Quorum(w.OkWeight, total) && !Quorum(w.BadWeight, total) {
			decided = false
		}
	})
	if !decided && !m.due(r) {
		return nil
	}
	r.eachSlot(func(w *SlotWork) {
		switch {
		case w.Fate != 0:
		case Quorum(w.OkWeight, total):
			w.Fate = SlotIncluded
			r.Round.Included = append(r.Round.Included, w.Index)
		case Quorum(w.BadWeight, total):
			w.Fate = SlotMalformed
		default:
			w.Fate = SlotUnavailable
		}
	})
	slices.Sort(r.Round.Included)
	if len(r.Round.Included) == 0 {
		return m.void(r, ReasonVoidNoWitness)
	}
	m.giveUnpaidReasons(r, 0)
	r.Round.Entropy = m.world.BlockHash()
	m.beginAttempt(r, 1, r.Round.Seats)
	return nil
}

// tally adds up what the witnesses said of each slot.
func (m *machine) tally(r *RoundState) {
	ok := make(map[uint32]uint64)
	bad := make(map[uint32]uint64)
	for i := range r.Votes {
		seat := r.Round.Seat(r.Votes[i].Attester)
		if seat == nil {
			continue
		}
		for _, slot := range r.Votes[i].Ok {
			ok[slot] += seat.Weight
		}
		for _, slot := range r.Votes[i].Bad {
			bad[slot] += seat.Weight
		}
	}
	r.eachSlot(func(w *SlotWork) {
		if w.Committed() {
			w.OkWeight, w.BadWeight = ok[w.Index], bad[w.Index]
		}
	})
}

// attempts of ATTEST before a round waits: the first and three retries.
const attempts = 4

// attest makes the round FINAL once its votes are opened, and tries again at
// the deadline.
func (m *machine) attest(r *RoundState) error {
	if r.Round.Opened {
		m.final(r)
		return nil
	}
	if !m.due(r) {
		return nil
	}
	var missing []Account
	for _, seat := range r.Round.Seats {
		if v := r.vote(seat.Account); v == nil || v.Blind.IsZero() {
			missing = append(missing, seat.Account)
		}
	}
	m.tell(AttemptFailed{Run: m.Run.ID, Round: r.Round.Number, Attempt: r.Round.Attempt, Absent: missing})
	for _, account := range missing {
		m.countAbsence(account)
	}
	seats, err := m.seats()
	if err != nil {
		return err
	}
	floor, err := m.floor()
	if err != nil {
		return err
	}
	if r.Round.Attempt < attempts && floor.attested(seats) {
		m.beginAttempt(r, r.Round.Attempt+1, seats)
		return nil
	}
	if r.Round.Attempt >= attempts {
		// They were there and did not agree, or not enough came: nobody is
		// taken for ready without saying so again.
		for i := range m.Run.Attesters {
			if m.Run.Attesters[i].Ready {
				m.unready(&m.Run.Attesters[i])
			}
		}
	}
	m.clearBlinds(r)
	m.Run.WaitSince = m.now
	r.Round.Phase, r.Round.Deadline = PhaseWaiting, time.Time{}
	m.tell(PhaseChanged{Run: m.Run.ID, Round: r.Round.Number, Phase: PhaseWaiting})
	return nil
}

// retry begins another attempt of a waiting round when enough attesters are ready, and
// voids it when they stay away for max_wait.
func (m *machine) retry(r *RoundState) error {
	seats, err := m.seats()
	if err != nil {
		return err
	}
	floor, err := m.floor()
	if err != nil {
		return err
	}
	if floor.attested(seats) {
		m.beginAttempt(r, 1, seats)
		return nil
	}
	if !m.now.Before(m.Run.WaitSince.Add(m.Run.Spec.MaxWait)) {
		if m.Run.Status == StatusOpen || m.Run.Status == StatusPaused {
			m.setStatus(StatusEnding, EndMaxWait)
		}
		return m.void(r, ReasonVoidNoQuorum)
	}
	return nil
}

func (m *machine) beginAttempt(r *RoundState, attempt uint32, seats []Seat) {
	m.clearBlinds(r)
	r.Round.Attempt, r.Round.Seats = attempt, slices.Clone(seats)
	m.enter(r, PhaseAttest, m.Run.Spec.AttestTime)
}

func (m *machine) clearBlinds(r *RoundState) {
	r.Round.resetBallot()
	for i := range r.Votes {
		r.Votes[i].Blind, r.Votes[i].BlindAt = digest.Digest{}, time.Time{}
	}
}

// eachSlot calls f for every slot of the round.
func (r *RoundState) eachSlot(f func(*SlotWork)) {
	for i := range r.Parts {
		for j := range r.Parts[i].Slots {
			f(&r.Parts[i].Slots[j])
		}
	}
}
