// Command economy plays rounds by the chain's own rules with a trainer that forges and attesters that look away, and
// prints what that is worth beside honest work. docs/money.md shows its table.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/x/round/protocol"
)

func main() {
	rounds := flag.Int("rounds", 4000, "rounds of each case")
	flag.Parse()
	if err := table(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Case is who cheats.
type Case struct {
	Forged    uint32 // segments that the trainer forges
	Colluding int    // attesters of Attesters that say OK to everything of the forger, and vote for it in disputes
}

// Attesters of every case have equal weight, so that colluders are a share of it.
const Attesters = 12

// Result is what a case came to.
type Result struct {
	Case
	Rounds    int
	Convicted int
	Gain      float64 // mean uweft more than by honest work, of trainer and colluders together
	Formula   float64 // the same by protocol.Deter
	Chance    float64 // of conviction by the formula
}

// Simulate plays rounds of the spec. outside is what forged work of a slot is worth elsewhere.
func Simulate(spec protocol.RunSpec, c Case, outside uint64, rounds int) (Result, error) {
	r := Result{Case: c, Rounds: rounds}
	for i := range rounds {
		g, err := play(spec, c, uint64(i))
		if err != nil {
			return r, err
		}
		if g.convicted {
			r.Convicted++
		}
		r.Gain += g.gain(spec, c, outside)
	}
	r.Gain /= float64(rounds)
	honest := uint32(protocol.BasisPoints * (Attesters - c.Colluding) / Attesters)
	d := spec.Deter(protocol.Assumptions{Outside: outside, Honest: honest})[c.Forged-1]
	r.Formula, r.Chance = float64(d.Gain), float64(d.Caught)/1e6
	return r, nil
}

func table(rounds int) error {
	spec := runspec.Default()
	spec.Rounds, spec.Budget = 1, spec.RewardPerRound
	n := spec.Segments(spec.InnerSteps)
	fmt.Printf("Default spec: %d segments, %d audits a slot; a slot earns at most %d uweft and bonds %d; forged work is worth as much "+
		"again outside.\n%d rounds of each case.\n\n",
		n, spec.Audits, spec.SlotReward(), spec.BondPerSlot, rounds)
	fmt.Println("| forged segments | colluding weight | convicted | formula | gain over honest work (uweft) | formula |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, colluding := range []int{0, 2, 3} {
		for forged := uint32(1); forged <= n; forged++ {
			r, err := Simulate(spec, Case{forged, colluding}, spec.SlotReward(), rounds)
			if err != nil {
				return err
			}
			fmt.Printf("| %d of %d | %d/%d | %.1f %% | %.1f %% | %+.0f | %+.0f |\n", forged, n, colluding, Attesters,
				100*float64(r.Convicted)/float64(rounds), 100*r.Chance, r.Gain, r.Formula)
		}
	}
	return nil
}
