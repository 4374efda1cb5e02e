package main

import (
	"math"
	"testing"

	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/x/round/protocol"
)

// At the shipped defaults forging loses, whatever is forged and with less than a third of the weight looking away, by the
// rules as they are played and by the formula; and the two agree.
func TestForgingLosesAtTheDefaults(t *testing.T) {
	spec := runspec.Default()
	spec.Rounds, spec.Budget = 1, spec.RewardPerRound
	const rounds = 3000
	for _, colluding := range []int{0, 3} {
		for forged := uint32(1); forged <= spec.Segments(spec.InnerSteps); forged++ {
			r, err := Simulate(spec, Case{forged, colluding}, spec.SlotReward(), rounds)
			if err != nil {
				t.Fatal(err)
			}
			// Five standard deviations of the number of convictions.
			sigma := math.Sqrt(rounds * r.Chance * (1 - r.Chance))
			if d := math.Abs(float64(r.Convicted) - rounds*r.Chance); d > 5*sigma+1e-3*rounds {
				t.Errorf("%+v: convicted in %d of %d rounds, formula %.4f", r.Case, r.Convicted, rounds, r.Chance)
			}
			if r.Gain >= 0 || r.Formula >= 0 {
				t.Errorf("%+v pays: %.0f uweft a round, formula %.0f", r.Case, r.Gain, r.Formula)
			}
			stake := float64(spec.BondPerSlot) + 2*float64(spec.SlotReward())
			if d := math.Abs(r.Gain - r.Formula); d > 5*sigma/rounds*stake+1e-3*stake {
				t.Errorf("%+v: gain %.0f, formula %.0f", r.Case, r.Gain, r.Formula)
			}
		}
	}
}

// Below the least bond it pays, and the formula says so: the test above can fail.
func TestForgingPaysWithoutABond(t *testing.T) {
	spec := runspec.Default()
	spec.Rounds, spec.Budget, spec.BondPerSlot = 1, spec.RewardPerRound, 0
	r, err := Simulate(spec, Case{Forged: 1, Colluding: 3}, spec.SlotReward(), 1000)
	if err != nil || r.Gain <= 0 || r.Formula <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// With a third of the weight or more, a dispute is stalled: the docs say so, and nothing here pretends otherwise.
func TestAThirdOfTheWeightStallsConvictions(t *testing.T) {
	spec := runspec.Default()
	spec.Rounds, spec.Budget = 1, spec.RewardPerRound
	if _, err := Simulate(spec, Case{Forged: spec.Segments(spec.InnerSteps), Colluding: 5}, 0, 20); err == nil {
		t.Error("5 of 12 attesters could not stop a conviction")
	}
	if protocol.Quorum(7, 12) || !protocol.Quorum(8, 12) {
		t.Error("quorum")
	}
}

// Sybils that do one step each earn what one step earns, and nothing of what others do: the price of a step is fixed, and
// splitting work into accounts only costs more bonds.
func TestSybilsGainNothing(t *testing.T) {
	spec := runspec.Default()
	spec.Rounds, spec.Budget, spec.MinTrainers = 1, spec.RewardPerRound, 5
	g, err := begin(spec, Case{}, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	if g.pay != spec.SlotReward() {
		t.Errorf("the honest trainer among sybils earns %d, alone %d", g.pay, spec.SlotReward())
	}
	for _, pay := range g.others {
		if step := spec.SlotReward() / uint64(spec.InnerSteps); pay > step+1 {
			t.Errorf("one step of %d earns %d, a slot %d", spec.InnerSteps, pay, spec.SlotReward())
		}
	}
	if len(g.others) != 4 {
		t.Errorf("%d sybils were paid", len(g.others))
	}
}
