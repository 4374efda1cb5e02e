package protocol

import (
	"fmt"
	"testing"
)

// BenchmarkAuditsAtTheLimits draws the audits of the largest round that a spec can have, and gives all of them to second
// auditors: what the ends of two blocks do at most.
func BenchmarkAuditsAtTheLimits(b *testing.B) {
	m := &machine{State: &State{Run: Run{ID: 1, Spec: testSpec()}}}
	m.Run.Spec.Audits, m.Run.Spec.InnerSteps = MaxAudits, MaxInnerSteps
	for b.Loop() {
		b.StopTimer()
		r := &RoundState{}
		for i := range MaxAttesters {
			a := Account(fmt.Sprintf("v%03d", i))
			r.Round.Seats = append(r.Round.Seats, Seat{a, uint64(1_000_000 + i)})
			r.Votes = append(r.Votes, Vote{Attester: a, Agreed: true, Salt: named(string(a))})
		}
		for i := range MaxRoundSlots {
			r.Parts = append(r.Parts, Part{Slots: []SlotWork{{Index: uint32(i), Fate: SlotIncluded, Commit: Commit{Steps: MaxInnerSteps}}}})
		}
		b.StartTimer()
		m.assignAudits(r)
		if !m.reassignAudits(r) {
			b.Fatal("nothing was given on")
		}
	}
}
