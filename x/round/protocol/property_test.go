package protocol

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAllotSums: the parts of a split are integers that sum to the total, each
// within one unit of its exact share.
func TestAllotSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Uint64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Uint64Max(1<<56), 1, 64).Draw(t, "weights")
		sum := new(big.Int)
		for _, w := range weights {
			sum.Add(sum, new(big.Int).SetUint64(w))
		}
		parts := Allot(total, weights)
		got := new(big.Int)
		for i, p := range parts {
			got.Add(got, new(big.Int).SetUint64(p))
			if sum.Sign() == 0 {
				continue
			}
			exact := new(big.Int).Mul(new(big.Int).SetUint64(total), new(big.Int).SetUint64(weights[i]))
			floor := exact.Div(exact, sum).Uint64()
			if p != floor && p != floor+1 {
				t.Fatalf("part %d is %d, its floor is %d", i, p, floor)
			}
		}
		if want := new(big.Int).SetUint64(total); sum.Sign() > 0 && got.Cmp(want) != 0 {
			t.Fatalf("parts sum to %s of %s", got, want)
		}
	})
}

// TestQuorum compares with big integers.
func TestQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, total := rapid.Uint64().Draw(t, "w"), rapid.Uint64().Draw(t, "total")
		left := new(big.Int).Mul(big.NewInt(3), new(big.Int).SetUint64(w))
		right := new(big.Int).Mul(big.NewInt(2), new(big.Int).SetUint64(total))
		if want := total > 0 && left.Cmp(right) >= 0; Quorum(w, total) != want {
			t.Fatalf("Quorum(%d, %d) = %t", w, total, !want)
		}
	})
	if Quorum(0, 0) || !Quorum(2, 3) || Quorum(1, 2) || !Quorum(1, 1) {
		t.Fatal("small cases")
	}
}

// someEvent draws an event that has a chance to be accepted in the state.
func someEvent(t *rapid.T, s *script) Event {
	trainers := []Account{"t1", "t2", "t3", "t4"}
	attesters := []Account{"v1", "v2", "v3", "v4"}
	trainer := rapid.SampledFrom(trainers).Draw(t, "trainer")
	attester := rapid.SampledFrom(attesters).Draw(t, "attester")
	round := s.Run.Current
	for _, n := range s.Run.Unsettled {
		if rapid.Bool().Draw(t, "review") {
			round = n
		}
	}
	a := args{words: []string{string(attester)}, keys: map[string]string{"round": fmt.Sprint(round), "nats": "7"}}
	if rapid.IntRange(0, 9).Draw(t, "liar") == 0 {
		a.keys["of"], a.keys["nats"] = "lie", "8"
	}
	verbs := []string{"enrol", "ready", "leave", "commit", "witness", "attest", "reveal", "review", "report", "govern"}
	if r := s.Find(round); r != nil && r.Round.Phase.Live() && rapid.IntRange(0, 9).Draw(t, "stray") > 0 {
		verbs = map[Phase][]string{
			PhaseTrain: {"commit"}, PhasePublish: {"witness"}, PhaseAttest: {"attest", "attest", "reveal"},
			PhaseReview: {"review", "report", "audit", "audit", "audit", "dispute", "judge", "judge", "conclude"}, PhaseWaiting: {"ready"},
			PhaseDispute: {"judge", "judge", "judge", "conclude", "conclude"},
		}[r.Round.Phase]
	}
	switch verb := rapid.SampledFrom(verbs).Draw(t, "verb"); verb {
	case "enrol":
		return Enrol{Account: trainer, Slots: rapid.Uint32Range(1, 2).Draw(t, "slots")}
	case "ready":
		return Ready{Account: attester}
	case "leave":
		return Leave{Account: rapid.SampledFrom([]Account{trainer, attester}).Draw(t, "leaver")}
	case "commit":
		slot := rapid.Uint32Range(0, 5).Draw(t, "slot")
		if r := s.Find(round); r != nil {
			for i := range r.Parts {
				if r.Parts[i].Slot(slot) != nil {
					trainer = r.Parts[i].Trainer
				}
			}
		}
		steps := rapid.Uint32Range(1, 4).Draw(t, "steps")
		return CommitWork{Account: trainer, Round: round, Slot: slot, Commit: Commit{
			Body: named(fmt.Sprint("body", slot)), Trace: s.someTrace(t, round, slot, steps), Steps: steps, Size: 9,
		}}
	case "witness":
		w := Witness{Account: attester, Round: round}
		if r := s.Find(round); r != nil {
			for slot := range r.Round.Slots {
				switch rapid.IntRange(0, 5).Draw(t, "saw") {
				case 0:
					w.Bad = append(w.Bad, slot)
				case 1:
				default:
					w.Ok = append(w.Ok, slot)
				}
			}
		}
		return w
	case "attest":
		return s.event("attest", a)
	case "reveal":
		return s.event("reveal", a)
	case "review":
		return s.event("review", a)
	case "report":
		return s.event("report", a)
	case "audit", "dispute", "judge", "conclude":
		return auditEvent(t, s, a, verb)
	default:
		return rapid.SampledFrom([]Event{Pause{}, Resume{}, Resume{}, Resume{}, Cancel{}}).Draw(t, "govern")
	}
}

func newScript(t *rapid.T) *script {
	s := &script{}
	s.open(args{keys: map[string]string{
		"eval_every":    fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "eval_every")),
		"max_unsettled": fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "max_unsettled")),
		"max_length":    rapid.SampledFrom([]string{"0", "900"}).Draw(t, "max_length"),
		"min_attesters": fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "min_attesters")),
		"min_trainers":  fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "min_trainers")),
		"audits":        fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "audits")),
		"community":     rapid.SampledFrom([]string{"0", "0", "1000", "3000"}).Draw(t, "community"),
		"manual":        "1",
	}})
	s.world.left = rapid.Uint64Range(0, 400).Draw(t, "supply")
	for _, a := range []string{"t1", "t2", "t3"}[:rapid.IntRange(0, 3).Draw(t, "trainers")] {
		s.play([]string{"enrol", a, "slots=2"})
	}
	for _, a := range []string{"v1", "v2", "v3"}[:rapid.IntRange(0, 3).Draw(t, "attesters")] {
		s.play([]string{"ready", a})
	}
	return s
}

// TestRandomRuns plays random events and times and checks, after each, that
// money is conserved, that bonds balance, that ended rounds have one reason on
// each trainer and that refusals change nothing.
func TestRandomRuns(t *testing.T) {
	finals, slashes := 0, 0 // over all random runs
	rapid.Check(t, func(t *rapid.T) {
		s := newScript(t)
		bonds := map[Account]uint64{}
		for _, x := range s.Run.Trainers {
			bonds[x.Account] = x.Bonded
		}
		for _, x := range s.Run.Attesters {
			bonds[x.Account] = x.Bonded
		}
		deposits := uint64(0)
		var prelude []Step
		if rapid.Bool().Draw(t, "begins at FINAL") {
			prelude = s.firstRound(t)
		}
		for range rapid.IntRange(1, 300).Draw(t, "length") {
			open := uint64(0)
			var steps []Step
			if rapid.IntRange(0, 3).Draw(t, "block") == 0 {
				s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{1, 1, 1, 10, 50}).Draw(t, "seconds")) * time.Second)
				var err error
				if steps, err = s.Advance(s.now, &s.world); err != nil {
					t.Fatal(err)
				}
				checkWake(t, s)
			} else {
				before := clone(s.State)
				var err error
				if steps, err = s.Apply(s.now, &s.world, someEvent(t, s)); err != nil && !reflect.DeepEqual(before, clone(s.State)) {
					t.Fatalf("refused with %v, but the state changed", err)
				}
			}
			steps, prelude = append(prelude, steps...), nil
			s.record(steps, nil)
			for _, e := range steps {
				switch e := e.(type) {
				case LockBond:
					bonds[e.Account] += e.Amount
				case ReleaseBond:
					if bonds[e.Account] != e.Amount && e.Amount != 0 {
						t.Fatalf("%s releases %d of %d", e.Account, e.Amount, bonds[e.Account])
					}
					delete(bonds, e.Account)
				case Slash:
					delete(bonds, e.Account)
					slashes++
				case Fine:
					if _, here := bonds[e.Account]; here {
						bonds[e.Account] -= e.Amount
					}
				case LockDeposit:
					deposits += e.Amount
				case PayDeposit:
					deposits -= e.Amount
				case Pay:
					s.world.left -= e.Shares
				}
			}
			checkAll(t, s, bonds)
			for i := range s.Rounds {
				for _, d := range s.Rounds[i].Disputes {
					if d.Outcome == 0 {
						open += d.Deposit
					}
				}
			}
			if open != deposits {
				t.Fatalf("open disputes hold %d, steps %d", open, deposits)
			}
		}
		finals += int(s.Run.Finals)
	})
	t.Logf("%d rounds were FINAL, %d slashes", finals, slashes)
	// One slash in twenty rounds is usual; with few histories there may be none.
	if finals == 0 || slashes == 0 && finals > 200 {
		t.Fatalf("%d rounds of random runs were FINAL, %d slashes: the test tests nothing", finals, slashes)
	}
}

func checkAll(t *rapid.T, s *script, bonds map[Account]uint64) {
	if err := s.checkMoney(); err != nil {
		t.Fatal(err)
	}
	locked := uint64(0)
	for _, x := range s.Run.Trainers {
		locked += x.Bonded
	}
	for _, x := range s.Run.Attesters {
		locked += x.Bonded
	}
	for _, b := range bonds {
		locked -= b
	}
	if locked != 0 {
		t.Fatalf("bonds of the run and of the steps differ by %d", locked)
	}
	for i := range s.Rounds {
		r := &s.Rounds[i]
		paid := uint64(0)
		for _, p := range r.Parts {
			paid += p.Pay
			if !r.Round.Phase.Live() && p.Reason == 0 {
				t.Fatalf("round %d ended without a reason on %s", r.Round.Number, p.Trainer)
			}
			late := p.Reason == ReasonFraud && !r.Round.Phase.Live() // convicted after it was paid
			if p.Pay > 0 && !p.Reason.Paid() && !p.Held && !late {
				t.Fatalf("%s is paid for %s", p.Trainer, p.Reason)
			}
		}
		if reward := s.Run.Spec.RewardPerRound; paid > r.Round.Paid+r.Round.Reserved || r.Round.Paid+heldOf(r) > reward {
			t.Fatalf("round %d paid %d, %d of %d in all", r.Round.Number, paid, r.Round.Paid, reward)
		}
	}
}

func heldOf(r *RoundState) (sum uint64) {
	for i := range r.Parts {
		if r.Parts[i].Held {
			sum += r.Parts[i].Pay
		}
	}
	return sum
}

// checkWake: after a block a run that can still change has a time to look
// again.
func checkWake(t *rapid.T, s *script) {
	wake := s.Wake(s.now)
	if !wake.IsZero() && !wake.After(s.now) {
		t.Fatalf("next wake %s is not after %s", wakeText(wake), clock(s.now))
	}
	over := s.Run.Status == StatusEnded && len(s.Run.Unsettled) == 0
	if over != wake.IsZero() && s.Run.Status != StatusPaused {
		t.Fatalf("run is %s, next wake %s", s.Run.Status, wakeText(wake))
	}
}

// clone copies what events may change, deeply enough to compare. Empty and nil
// lists are the same.
func clone(s *State) *State {
	c := &State{Run: s.Run}
	c.Run.Trainers = append([]Trainer{}, s.Run.Trainers...)
	c.Run.Attesters = append([]Attester{}, s.Run.Attesters...)
	c.Run.Unsettled = append([]uint64{}, s.Run.Unsettled...)
	for _, r := range s.Rounds {
		n := RoundState{Round: r.Round, Votes: append([]Vote{}, r.Votes...), Parts: append([]Part{}, r.Parts...)}
		for i := range n.Parts {
			n.Parts[i].Slots = slices.Clone(n.Parts[i].Slots)
			for j := range n.Parts[i].Slots {
				n.Parts[i].Slots[j].Audits = slices.Clone(n.Parts[i].Slots[j].Audits)
			}
		}
		n.Disputes = append([]Dispute{}, r.Disputes...)
		for i := range n.Disputes {
			n.Disputes[i].Votes = append([]Judgement{}, r.Disputes[i].Votes...)
		}
		for i := range n.Votes {
			n.Votes[i].Ok = append([]uint32{}, n.Votes[i].Ok...)
			n.Votes[i].Bad = append([]uint32{}, n.Votes[i].Bad...)
		}
		n.Round.Included = append([]uint32{}, r.Round.Included...)
		c.Rounds = append(c.Rounds, n)
	}
	return c
}
