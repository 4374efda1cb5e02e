package protocol

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestOrderWithinBlock: the messages of one block, in any order, lead to the
// same state after the block. Each block holds what honest people send in the
// phase, some of them late, some of them lying.
func TestOrderWithinBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScript(t)
		s.play([]string{"advance", "1s"})
		for range rapid.IntRange(3, 25).Draw(t, "blocks") {
			events := blockOf(t, s)
			shuffled := rapid.Permutation(events).Draw(t, "order")
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{1, 1, 5, 12}).Draw(t, "seconds")) * time.Second)
			other := &script{State: clone(s.State), world: s.world, now: s.now}
			runBlock(t, s, events)
			runBlock(t, other, shuffled)
			if a, b := clone(s.State), clone(other.State); !reflect.DeepEqual(a, b) {
				t.Fatalf("states differ:\n%+v\n%+v", a, b)
			}
		}
	})
}

// blockOf draws at most one event of each account for the phase: the order of
// one account's own transactions is its own affair.
func blockOf(t *rapid.T, s *script) []Event {
	var events []Event
	r := s.Find(s.Run.Current)
	if r == nil {
		return nil
	}
	add := func(e Event) {
		if rapid.IntRange(0, 3).Draw(t, "sends") > 0 {
			events = append(events, e)
		}
	}
	a := func(account Account) args {
		out := args{words: []string{string(account)}, keys: map[string]string{}}
		if rapid.IntRange(0, 5).Draw(t, "liar") == 0 {
			out.keys["of"] = "lie"
		}
		return out
	}
	number := r.Round.Number
	for i := range r.Parts {
		for _, w := range r.Parts[i].Slots {
			add(CommitWork{Account: r.Parts[i].Trainer, Round: number, Slot: w.Index, Commit: Commit{
				Body: named("b"), Trace: named("t"), Steps: 3, Size: 1,
			}})
		}
	}
	for _, seat := range r.Round.Seats {
		all := make([]uint32, r.Round.Slots)
		for i := range all {
			all[i] = uint32(i)
		}
		add(Witness{Account: seat.Account, Round: number, Ok: all[rapid.IntRange(0, len(all)).Draw(t, "from"):]})
		outcome := s.outcome(number, a(seat.Account))
		add(Attest{Account: seat.Account, Round: number, Blind: Blind(seat.Account, 1, number, outcome.Checkpoint, outcome.Root())})
		add(Reveal{Account: seat.Account, Round: number, Outcome: s.outcome(number, a(seat.Account))})
	}
	return events
}

func runBlock(t *rapid.T, s *script, events []Event) {
	for _, e := range events {
		// Refusals are part of the game; what counts is the state.
		steps, err := s.Apply(s.now, &s.world, e)
		s.record(steps, err)
	}
	steps, err := s.Advance(s.now, &s.world)
	if err != nil {
		t.Fatal(err)
	}
	s.record(steps, nil)
}
