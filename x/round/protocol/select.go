package protocol

import (
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
)

// maxWeight bounds one seat, so that `duties` times the sum over MaxAttesters
// seats cannot wrap. It is far above any supply.
const maxWeight = 1 << 52

// candidates returns the trainers that can take work now, and the reason of
// each enrolled one that cannot.
func (m *machine) candidates() (able []*Trainer, barred map[Account]Reason, err error) {
	barred = make(map[Account]Reason)
	for i := range m.Run.Trainers {
		t := &m.Run.Trainers[i]
		if t.Leaving {
			continue
		}
		if t.Inactive {
			barred[t.Account] = ReasonInactive
			continue
		}
		registered, jailedUntil, err := m.world.Standing(t.Account)
		if err != nil {
			return nil, nil, err
		}
		if !registered || m.now.Before(jailedUntil) {
			barred[t.Account] = ReasonJailed
			continue
		}
		able = append(able, t)
	}
	return able, barred, nil
}

// choose keeps at most limit candidates: those that have waited longest first,
// ties in an order drawn from the round's seed. Everybody gets a turn. The
// rest are barred as NOT_SELECTED. Both stay sorted by account.
func choose(able []*Trainer, barred map[Account]Reason, limit uint32, seed digest.Digest) []*Trainer {
	if len(able) <= int(limit) {
		return able
	}
	order := slices.Clone(able)
	slices.SortFunc(order, func(a, b *Trainer) int {
		if a.LastSelected != b.LastSelected {
			if a.LastSelected < b.LastSelected {
				return -1
			}
			return 1
		}
		ra, rb := rank(seed, a.Account), rank(seed, b.Account)
		return slices.Compare(ra[:], rb[:])
	})
	for _, t := range order[limit:] {
		barred[t.Account] = ReasonNotSelected
	}
	order = order[:limit]
	slices.SortFunc(order, func(a, b *Trainer) int { return compareAccounts(a.Account, b.Account) })
	return order
}

// seats returns the ready attesters that have weight now, sorted by account.
func (m *machine) seats() ([]Seat, error) {
	var seats []Seat
	for i := range m.Run.Attesters {
		a := &m.Run.Attesters[i]
		if !a.Ready {
			continue
		}
		weight, err := m.world.Weight(a.Account)
		if err != nil {
			return nil, err
		}
		if weight > 0 {
			seats = append(seats, Seat{Account: a.Account, Weight: min(weight, maxWeight)})
		}
	}
	return seats, nil
}

// deal makes the part of each enrolled trainer of a round and returns the
// number of slots dealt.
func (m *machine) deal(r *RoundState, chosen []*Trainer, barred map[Account]Reason) uint32 {
	slots := uint32(0)
	for _, t := range chosen {
		part := Part{Run: m.Run.ID, Round: r.Round.Number, Trainer: t.Account, Assigned: uint64(t.Slots) * uint64(m.Run.Spec.InnerSteps)}
		for range t.Slots {
			part.Slots = append(part.Slots, SlotWork{Index: slots})
			slots++
		}
		t.LastSelected = r.Round.Number
		r.Parts = append(r.Parts, part)
	}
	for account, reason := range barred {
		r.Parts = append(r.Parts, Part{Run: m.Run.ID, Round: r.Round.Number, Trainer: account, Reason: reason})
	}
	slices.SortFunc(r.Parts, func(a, b Part) int { return compareAccounts(a.Trainer, b.Trainer) })
	return slots
}
