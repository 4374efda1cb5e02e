package localnet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/round/protocol"
)

// conserved checks, in the state after every block of the chain, that each module's account holds what its books say
// and that the run's budget is in its escrow, paid or refunded.
func (n *Net) conserved(t *testing.T, s *protocol.State) {
	t.Helper()
	for h := int64(1); h <= n.Height(0); h++ {
		n.conservedAt(t, h)
	}
	e := s.Run.Escrow
	require.Equal(t, s.Run.Spec.Budget, e.Free+e.Reserved+e.Owed+e.Refunded, "%+v", e)
}

func (n *Net) conservedAt(t *testing.T, height int64) {
	t.Helper()
	a := n.Nodes[0].App
	ctx, err := a.CreateQueryContext(height, false)
	require.NoError(t, err)
	_, err = a.CheckBooks(ctx)
	require.NoError(t, err, "height %d", height)
}
