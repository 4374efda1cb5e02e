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
	_, err := n.CheckBooks()
	require.NoError(t, err)
	e := s.Run.Escrow
	require.Equal(t, s.Run.Spec.Budget, e.Free+e.Reserved+e.Owed+e.Refunded, "%+v", e)
}

func (n *Net) conservedAt(t *testing.T, height int64) {
	t.Helper()
	require.NoError(t, n.checkBooks(height), "height %d", height)
}
