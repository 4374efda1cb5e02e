package localnet

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/x/round/protocol"
)

// round reads a round, live or over.
func (n *Net) round(t *testing.T, ctx context.Context, number uint64) *protocol.RoundState {
	t.Helper()
	r, err := n.Trainers[0].Client.Round(ctx, n.RunID, number)
	require.NoError(t, err)
	return r
}

// reason is what was recorded of a trainer in a round.
func (n *Net) reason(t *testing.T, ctx context.Context, number uint64, w *Node) protocol.Reason {
	t.Helper()
	for _, p := range n.round(t, ctx, number).Parts {
		if string(p.Trainer) == w.Account.String() {
			return p.Reason
		}
	}
	return 0
}

// ended checks that the run came to its end with all rounds settled, each evaluated, and the sums right.
func (n *Net) ended(t *testing.T, ctx context.Context) *protocol.State {
	t.Helper()
	s := n.state(t, ctx)
	require.Equal(t, protocol.StatusEnded, s.Run.Status)
	require.Equal(t, protocol.EndRounds, s.Run.End)
	require.Equal(t, s.Run.Spec.Rounds, s.Run.Finals)
	require.Zero(t, s.Run.Escrow.Reserved)
	n.conserved(t, s)
	return s
}

// paid checks that everybody was paid for every step of the rounds.
func (n *Net) paid(t *testing.T, ctx context.Context, rounds ...uint64) {
	t.Helper()
	for _, number := range rounds {
		r := n.round(t, ctx, number)
		require.Equal(t, protocol.PhaseSettled, r.Round.Phase, "round %d", number)
		require.Len(t, r.Parts, len(n.Trainers))
		for _, p := range r.Parts {
			require.Equal(t, protocol.ReasonPaid, p.Reason, "round %d: %s", number, p.Trainer)
			require.NotZero(t, p.Pay)
			require.NotZero(t, p.Shares)
		}
	}
}

// lineage is the chain's checkpoints of the model, the first one first. The evaluation of each must be there.
func (n *Net) lineage(t *testing.T, ctx context.Context, evaluated bool) []digest.Digest {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	cs, err := chain.Lineage(ctx, cc, n.Opts.Name)
	require.NoError(t, err)
	slices.Reverse(cs)
	var ds []digest.Digest
	for i, c := range cs {
		ds = append(ds, c.Digest)
		if i > 0 {
			require.Equal(t, cs[i-1].Digest, c.Parent, "checkpoint %d", i)
		}
		if evaluated {
			require.NotNil(t, c.Eval, "checkpoint %d", i)
		}
	}
	return ds
}
