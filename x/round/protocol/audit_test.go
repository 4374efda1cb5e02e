package protocol

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestDraws: every attester that voted for the result draws its part by weight
// from its own salt, one segment of each slot before a second one, none twice;
// evenly, and with nobody else's part in it.
func TestDraws(t *testing.T) {
	const rounds, slots, segments, audits = 20_000, 3, 2, 1 // 4 steps in segments of 2
	by, at, covered := map[Account]int{}, map[uint32]int{}, 0
	for i := range rounds {
		r := drawn(t, audits, slots, fmt.Sprint("salt", i), "block")
		seen := map[uint32]bool{}
		for j := range r.Parts {
			for k, x := range r.Parts[j].Slots[0].Audits {
				by[x.Auditor]++
				if j == 0 {
					at[x.Segment]++
					seen[x.Segment] = true
				}
				if k > 0 && r.Parts[j].Slots[0].Audits[k-1] == x {
					t.Fatalf("%s audits segment %d twice", x.Auditor, x.Segment)
				}
			}
		}
		if seen[1] {
			covered++
		}
	}
	// Five standard deviations, of no more than a Poisson variable's.
	near := func(what string, got int, mean float64) {
		if d := math.Abs(float64(got) - mean); d > 5*math.Sqrt(mean) {
			t.Errorf("%s: %d, expected %.0f", what, got, mean)
		}
	}
	for account, weight := range map[Account]float64{"a": 10, "b": 30, "c": 60} {
		near(string(account), by[account], rounds*slots*audits*weight/100)
	}
	for s := range uint32(segments) {
		near(fmt.Sprint("segment ", s), at[s], rounds*audits/segments)
	}
	near("one segment covered", covered, rounds*(1-(1-0.1/segments)*(1-0.3/segments)*(1-0.6/segments)))
	if by["d"] != 0 {
		t.Error("who did not vote for the result audits")
	}
}

// drawn is a round of some slots at FINAL, with attesters of weight 10, 30, 60
// and one of 900 that did not vote for the result.
func drawn(t *testing.T, audits uint32, slots int, salt, block string) *RoundState {
	t.Helper()
	m := &machine{State: &State{Run: Run{ID: 1, Spec: testSpec()}}}
	m.Run.Spec.Audits = audits
	r := &RoundState{Round: Round{Run: 1, Number: 7, Entropy: named(block), Seats: []Seat{{"a", 10}, {"b", 30}, {"c", 60}, {"d", 900}}}}
	for _, seat := range r.Round.Seats {
		r.Votes = append(r.Votes, Vote{Attester: seat.Account, Agreed: seat.Account != "d", Salt: named(salt + string(seat.Account))})
	}
	for i := range slots {
		r.Parts = append(r.Parts, Part{Slots: []SlotWork{{Index: uint32(i), Fate: SlotIncluded, Commit: Commit{Steps: 4}}}})
	}
	m.assignAudits(r)
	return r
}

// TestDrawsAreNobodyElses: an attester's audits do not change with the salts
// of others; they do with its own and with the block's hash. Whether others vote
// changes how many there are, but not which come first.
func TestDrawsAreNobodyElses(t *testing.T) {
	of := func(r *RoundState, a Account) (list []Audit) {
		for i := range r.Parts {
			for _, x := range r.Parts[i].Slots[0].Audits {
				if x.Auditor == a {
					list = append(list, Audit{Segment: uint32(i)<<16 | x.Segment, Auditor: a})
				}
			}
		}
		return list
	}
	const slots = 64
	base := drawn(t, 1, slots, "salt", "block")
	if n := len(of(base, "c")); n < 30 || n > 45 {
		t.Fatalf("%d audits of 64 for 60 %% of the weight", n)
	}
	for what, other := range map[string]*RoundState{"salt": drawn(t, 1, slots, "other", "block"),
		"block": drawn(t, 1, slots, "salt", "other")} {
		if slices.Equal(of(other, "c"), of(base, "c")) {
			t.Errorf("the %s has no part in the draw", what)
		}
	}
	again := drawn(t, 1, slots, "salt", "block")
	for i := range again.Votes {
		if again.Votes[i].Attester != "c" {
			again.Votes[i].Salt = named("anything")
		}
	}
	for i := range again.Parts {
		again.Parts[i].Slots[0].Audits = nil
	}
	m := &machine{State: &State{Run: Run{ID: 1, Spec: testSpec()}}}
	m.assignAudits(again)
	if !slices.Equal(of(again, "c"), of(base, "c")) {
		t.Error("others' salts change what an attester audits")
	}
}

// TestEverySegment: with enough audits everybody recomputes everything, and
// whoever is alone does exactly what the spec says for each slot.
func TestEverySegment(t *testing.T) {
	r := drawn(t, 16, 5, "salt", "block")
	for _, p := range r.Parts {
		if n := len(p.Slots[0].Audits); n < 5 || n > 6 {
			t.Errorf("%d audits, want both segments by b and c, one or two of them by a", n)
		}
	}
	m := &machine{State: &State{Run: Run{ID: 1, Spec: testSpec()}}}
	m.Run.Spec.Segment = 1
	for audits := range uint32(6) {
		m.Run.Spec.Audits = audits
		r := &RoundState{Round: Round{Seats: []Seat{{"a", 1 << 60}}}, Votes: []Vote{{Attester: "a", Agreed: true}}}
		for i := range 9 {
			r.Parts = append(r.Parts, Part{Slots: []SlotWork{{Index: uint32(i), Fate: SlotIncluded, Commit: Commit{Steps: 4}}}})
		}
		m.assignAudits(r)
		for _, p := range r.Parts {
			seen := map[uint32]bool{}
			for _, x := range p.Slots[0].Audits {
				seen[x.Segment] = true
			}
			if want := min(int(audits), 4); len(p.Slots[0].Audits) != want || len(seen) != want {
				t.Errorf("%d audits of %d of 4 segments, the spec says %d", len(p.Slots[0].Audits), len(seen), audits)
			}
		}
	}
}

// TestSecondAuditor: it comes by weight from those that voted for the result
// and do not have the segment already; alone, there is none.
func TestSecondAuditor(t *testing.T) {
	r := drawn(t, 1, 1, "salt", "block")
	w := &r.Parts[0].Slots[0]
	count, agreed := map[Account]int{}, r.agreed()
	for i := range 2000 {
		r.Round.Entropy = named(fmt.Sprint(i))
		w.Audits = []Audit{{Segment: 1, Auditor: "a"}}
		next, found := r.second(&agreed, w, nil, &w.Audits[0])
		if !found {
			t.Fatal("nobody")
		}
		count[next]++
	}
	if n := count["b"]; len(count) != 2 || n < 560 || n > 770 {
		t.Errorf("seconds: %v, want b a third of the time and c otherwise", count)
	}
	w.Audits = []Audit{{Segment: 1, Auditor: "a"}, {Segment: 1, Auditor: "c"}}
	if next, _ := r.second(&agreed, w, nil, &w.Audits[0]); next != "b" {
		t.Errorf("%q, c has the segment already", next)
	}
	if next, found := r.second(&agreed, w, []Audit{{Segment: 1, Auditor: "b"}}, &w.Audits[0]); found {
		t.Errorf("%q, b had the segment before", next)
	}
	w.Audits = append(w.Audits, Audit{Segment: 1, Auditor: "b"})
	if next, found := r.second(&agreed, w, nil, &w.Audits[0]); found {
		t.Errorf("%q out of nobody", next)
	}
}

// TestDeter compares with the formula in floating point, and finds that the
// least bond is where forging stops to pay.
func TestDeter(t *testing.T) {
	s := testSpec()
	s.InnerSteps, s.Segment, s.RewardPerRound, s.MinTrainers = 100, 10, 10_000_000, 4
	for _, audits := range []uint32{1, 2, 5} {
		s.Audits = audits
		reward := float64(s.SlotReward())
		if s.SlotReward() != 1_750_000 {
			t.Fatalf("a slot earns %d", s.SlotReward())
		}
		for _, a := range []Assumptions{{0, 10_000}, {1_750_000, 6_667}, {9_000_000, 5_000}} {
			for i, d := range s.Deter(a) {
				part := float64(d.Forged) / 10
				x := float64(a.Honest) / 10_000 * part * float64(audits)
				q := 1 - 1/(1+x+x*x/2+x*x*x/6)
				if exact := 1 - math.Exp(-x); q > exact || q < 0.9*exact {
					t.Errorf("q(%f) is %f, exactly %f", x, q, exact)
				}
				worth := float64(a.Outside) + reward*part
				bond := max(0, (worth/q-reward-float64(a.Outside))/0.9)
				if d.Forged != uint32(i+1) || math.Abs(float64(d.Caught)-q*1e6) > 1.01 || math.Abs(float64(d.Bond)-bond) > 1.01 {
					t.Errorf("audits %d, %+v: %+v, wants q %.6f and bond %.1f", audits, a, d, q, bond)
				}
				at := s
				at.BondPerSlot = d.Bond
				if g := at.Deter(a)[i].Gain; g > 0 {
					t.Errorf("forging %d with the least bond %d still gains %d", d.Forged, d.Bond, g)
				}
				if d.Bond > 1 {
					at.BondPerSlot = d.Bond - 2
					if g := at.Deter(a)[i].Gain; g <= 0 {
						t.Errorf("forging %d below the least bond %d gains %d", d.Forged, d.Bond, g)
					}
				}
			}
		}
	}
	if d := s.Deter(Assumptions{Outside: 1})[0]; d.Caught != 0 || d.Bond != math.MaxUint64 || d.Gain <= 0 {
		t.Errorf("nobody honest: %+v", d)
	}
}
