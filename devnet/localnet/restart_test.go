package localnet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/round/protocol"
)

// Everything, workers and chain, is stopped in the middle of a round and started again from its folders, once in each
// phase: the run comes to the same end as one that nobody disturbed.
func TestEverythingRestartsFromDisk(t *testing.T) {
	g, o := newGates(), options(t, engine{})
	o.Wrap, o.Dir = g.Wrap, t.TempDir()
	for _, stop := range []struct {
		phase  protocol.Phase
		worker string
		at     func(protocol.Event) bool
	}{
		{protocol.PhaseTrain, "trainer0", commitOf(1)},
		{protocol.PhasePublish, "attester0", func(e protocol.Event) bool { w, ok := e.(protocol.Witness); return ok && w.Round == 2 }},
		{protocol.PhaseAttest, "attester0", func(e protocol.Event) bool { r, ok := e.(protocol.Reveal); return ok && r.Round == 3 }},
		{protocol.PhaseReview, "attester0", func(e protocol.Event) bool { r, ok := e.(protocol.Report); return ok && r.Round == 4 }},
	} {
		g.hold(stop.worker, stop.at)
		n, ctx := start(t, o)
		startAll(t, ctx, n.workers()...)
		g.wait(t, ctx, stop.worker)
		s := n.state(t, ctx)
		require.Equal(t, stop.phase, s.Rounds[len(s.Rounds)-1].Round.Phase)
		n.conserved(t, s)
		require.NoError(t, n.Close())
		g.open(stop.worker)
	}
	n, ctx := start(t, o)
	startAll(t, ctx, n.workers()...)
	waitAll(t, ctx, n)
	require.Zero(t, n.ended(t, ctx).Run.Skipped)
	n.paid(t, ctx, 1, 2, 3, 4)
	require.Equal(t, expected(t, o, nil), n.lineage(t, ctx, true))
}
