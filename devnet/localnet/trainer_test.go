package localnet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/round/protocol"
)

// A trainer that is killed in TRAIN costs the round its own records and nothing else: the round becomes FINAL without
// it, the next one deals on, and when it is started from its folder again it works and is paid as before.
func TestTrainerKilledInTrain(t *testing.T) {
	g, o := newGates(), options(t, engine{})
	o.Wrap = g.Wrap
	o.Spec.Grace = 5 * time.Second
	g.hold("trainer2", commitOf(2))
	g.hold("trainer0", commitOf(3)) // so that round 3 is still in TRAIN when the killed one is back
	n, ctx := start(t, o)
	killed := n.Trainers[2]
	startAll(t, ctx, n.workers()...)
	g.wait(t, ctx, "trainer2")
	stopAll(t, killed)
	g.open("trainer2")

	s := n.until(t, ctx, "round 2 is FINAL", func(s *protocol.State) bool { return s.Run.Finals == 2 })
	records := uint64(o.Spec.InnerSteps * o.Spec.Batch) // of one slot
	require.Equal(t, protocol.ReasonLate, n.reason(t, ctx, 2, killed))
	require.Equal(t, records, s.Run.Skipped)
	require.Equal(t, 2*3*records, s.Run.Cursor)
	require.EqualValues(t, 1, s.Run.Trainer(protocol.Account(killed.Account.String())).Misses)

	startAll(t, ctx, killed)
	n.until(t, ctx, "the killed trainer commits in round 3", func(s *protocol.State) bool {
		r := s.Find(3)
		for i := 0; r != nil && i < len(r.Parts); i++ {
			if p := &r.Parts[i]; string(p.Trainer) == killed.Account.String() && p.Slots[0].Committed() {
				return true
			}
		}
		return false
	})
	g.open("trainer0")
	waitAll(t, ctx, n)

	s = n.ended(t, ctx)
	require.Equal(t, records, s.Run.Skipped)
	n.paid(t, ctx, 1, 3, 4)
	for _, w := range n.Trainers[:2] {
		require.Equal(t, protocol.ReasonPaid, n.reason(t, ctx, 2, w))
	}
	require.Equal(t, expected(t, o, func(round uint64, w string) bool { return round == 2 && w == killed.Account.Name }),
		n.lineage(t, ctx, true))
}
