package protocol

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is asked of an escrow, it has in the end what came in, and what it refuses changes nothing.
func TestEscrowConserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget := rapid.Uint64Range(0, 1<<63-1).Draw(t, "budget")
		e := Escrow{Free: budget}
		for range rapid.IntRange(0, 30).Draw(t, "moves") {
			before, amount := e, rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, budget)).Draw(t, "amount")
			var err error
			var there uint64
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				err, there = e.Reserve(amount), before.Free
			case 1:
				err, there = e.Unreserve(amount), before.Reserved
			case 2:
				err, there = e.Owe(amount), before.Reserved
			case 3:
				err, there = e.Refund(amount), before.Free
			}
			if (err == nil) != (amount <= there) || err != nil && e != before {
				t.Fatalf("%d of %d: %v, %+v became %+v", amount, there, err, before, e)
			}
			if e.Free+e.Reserved+e.Owed+e.Refunded != budget {
				t.Fatalf("%+v does not sum to %d", e, budget)
			}
		}
	})
}

// A state whose rounds reserve more than its escrow does is a fault that is told, not an amount that wraps.
func TestAdvanceRefusesAnImpossibleEscrow(t *testing.T) {
	s := &script{}
	s.play([]string{"open", "min_trainers=1"})
	for _, line := range [][]string{{"enrol", "t1"}, {"ready", "v1"}, {"advance", "1s"}} {
		s.play(line)
	}
	s.Run.Escrow = Escrow{Free: s.Run.Spec.Budget} // as if nothing were reserved
	s.now = s.Rounds[0].Round.Deadline
	if _, err := s.Advance(s.now, &s.world); err == nil {
		t.Fatalf("a round that reserves %d was VOID, and the escrow is %+v", s.Rounds[0].Round.Reserved, s.Run.Escrow)
	}
}
