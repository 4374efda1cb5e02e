package protocol

import (
	"fmt"
	"math"
	"testing"
)

// TestCheckLeaf: every leaf of every small tree has its path, and no other
// leaf, place, size or path passes.
func TestCheckLeaf(t *testing.T) {
	for size := 1; size <= 40; size++ {
		var leaves []Digest
		for i := range size {
			leaves = append(leaves, named(fmt.Sprint("leaf", i)))
		}
		for i, leaf := range leaves {
			root, path := tree(leaves, i)
			ok := func(root, leaf Digest, index, size int, path []Digest) bool {
				return CheckLeaf(root, leaf, uint32(index), uint32(size), path)
			}
			if !ok(root, leaf, i, size, path) {
				t.Fatalf("leaf %d of %d does not pass", i, size)
			}
			for j := range size {
				if j != i && (ok(root, leaf, j, size, path) || ok(root, leaves[j], i, size, path)) {
					t.Fatalf("leaf %d of %d passes as %d", i, size, j)
				}
			}
			if ok(root, leaf, i, i, path) || ok(root, named("other"), i, size, path) || ok(root, leaf, i, size, append(path, root)) ||
				len(path) > 0 && ok(root, leaf, i, size, path[1:]) {
				t.Fatalf("a wrong proof of leaf %d of %d passes", i, size)
			}
		}
	}
	if CheckLeaf(Digest{}, Digest{}, 0, 0, nil) || CheckLeaf(Digest{}, Digest{}, 0, math.MaxUint32, make([]Digest, 64)) {
		t.Fatal("an empty tree passes")
	}
}

// TestDraws: segments are drawn without repetition and evenly, auditors by
// weight among those that voted for the result, a second one never the first.
func TestDraws(t *testing.T) {
	const rounds = 20_000
	r := &RoundState{Round: Round{Seats: []Seat{{"a", 10}, {"b", 30}, {"c", 60}, {"d", 900}}}}
	for _, account := range []Account{"a", "b", "c"} { // d did not vote for it
		r.Votes = append(r.Votes, Vote{Attester: account, Agreed: true})
	}
	segments, auditors := map[uint32]int{}, map[Account]int{}
	for i := range rounds {
		seed := auditSeed(1, uint64(i), named("block"), nil)
		d := slotDrawer(seed, 3, false)
		drawn := d.segments(5, 2)
		if len(drawn) != 2 || drawn[0] >= drawn[1] || drawn[1] >= 5 {
			t.Fatalf("drew %v", drawn)
		}
		segments[drawn[0]]++
		segments[drawn[1]]++
		first, _ := d.auditor(r, "")
		auditors[first]++
		if second, found := slotDrawer(seed, 3, true).auditor(r, first); !found || second == first {
			t.Fatalf("%s after %s", second, first)
		}
	}
	// Five standard deviations of a binomial.
	near := func(what string, got int, p float64) {
		if d := math.Abs(float64(got) - rounds*p); d > 5*math.Sqrt(rounds*p*(1-p)) {
			t.Errorf("%s: %d of %d, expected %.0f", what, got, rounds, rounds*p)
		}
	}
	for s := range uint32(5) {
		near(fmt.Sprint("segment ", s), segments[s], 2.0/5)
	}
	near("a", auditors["a"], 0.1)
	near("b", auditors["b"], 0.3)
	near("c", auditors["c"], 0.6)
	if len(slotDrawer(Digest{}, 0, false).segments(2, 16)) != 2 {
		t.Error("more audits than segments: all of them")
	}
	if _, found := slotDrawer(Digest{}, 0, false).auditor(&RoundState{}, ""); found {
		t.Error("an auditor out of nobody")
	}
}

// TestAuditSeed: every salt counts, their order does not, and neither do votes
// without one.
func TestAuditSeed(t *testing.T) {
	votes := []Vote{{Salt: named("x")}, {}, {Salt: named("y")}}
	base := auditSeed(1, 2, named("block"), votes)
	if auditSeed(1, 2, named("block"), []Vote{votes[2], votes[0]}) != base {
		t.Error("the order of salts changes the seed")
	}
	for i, other := range []Digest{
		auditSeed(2, 2, named("block"), votes), auditSeed(1, 3, named("block"), votes), auditSeed(1, 2, named("other"), votes),
		auditSeed(1, 2, named("block"), votes[:1]),
	} {
		if other == base {
			t.Errorf("case %d gives the same seed", i)
		}
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
				q := 1 - math.Pow(1-float64(a.Honest)/10_000*part, float64(audits))
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
