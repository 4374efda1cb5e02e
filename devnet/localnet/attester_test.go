package localnet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/round/protocol"
)

// With two of four attesters gone there is no quorum: the round keeps its commitments and waits, the chain says who is
// absent, and when they are back it goes on without anybody's doing.
func TestAttestersBelowQuorum(t *testing.T) {
	g, o := newGates(), options(t, engine{})
	o.Wrap, o.Validators = g.Wrap, 4
	o.Trainers, o.Spec.MinTrainers, o.Spec.MinAttesters, o.Spec.Rounds = 2, 2, 3, 3
	o.Spec.AttestTime, o.Spec.Grace = 4*time.Second, time.Second
	n, ctx := start(t, o)
	gone := n.Attesters[2:]
	for _, w := range gone {
		g.hold(w.Account.Name, voteIn(2))
	}
	startAll(t, ctx, n.workers()...)
	for _, w := range gone {
		g.wait(t, ctx, w.Account.Name)
	}
	stopAll(t, gone...)

	waits := func(s *protocol.State) bool {
		r := s.Find(2)
		return r != nil && r.Round.Phase == protocol.PhaseWaiting
	}
	s := n.until(t, ctx, "round 2 waits for attesters", waits)
	for i, w := range n.Attesters {
		a := s.Run.Attester(protocol.Account(w.Account.String()))
		require.Equal(t, i < 2, a.Ready, "%s: %+v", w.Account.Name, a)
		require.Equal(t, i >= 2, a.Absent >= 3, "%s: %+v", w.Account.Name, a)
	}
	time.Sleep(time.Second)
	s = n.state(t, ctx)
	require.True(t, waits(s))
	require.EqualValues(t, 1, s.Run.Finals)

	for _, w := range gone {
		g.open(w.Account.Name)
	}
	startAll(t, ctx, gone...)
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.paid(t, ctx, 1, 2, 3)
	require.Equal(t, expected(t, o, nil), n.lineage(t, ctx, true))
}
