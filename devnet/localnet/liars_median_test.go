package localnet

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/x/round/protocol"
)

// length is a delta's norm and what it counts for.
type length struct {
	norm   float64
	tokens uint64
	whole  bool // all steps were done
}

// medianIsHonest: as many short deltas as whole ones would pull a plain median down to their norm; the one that deltas
// are clipped to counts tokens, and stays a whole one's.
func medianIsHonest(t *testing.T, n *Net, r *protocol.RoundState) {
	t.Helper()
	ls := n.lengths(t, r)
	slices.SortFunc(ls, func(a, b length) int { return cmp.Compare(a.norm, b.norm) })
	total, least := uint64(0), math.Inf(1)
	for _, l := range ls {
		total += l.tokens
		if l.whole {
			least = min(least, l.norm)
		}
	}
	require.Less(t, ls[(len(ls)-1)/2].norm, least, "the liars are too few to try")
	below := uint64(0)
	i := slices.IndexFunc(ls, func(l length) bool { below += l.tokens; return 2*below >= total })
	require.GreaterOrEqual(t, ls[i].norm, least)
}

// lengths reads the included deltas of a round.
func (n *Net) lengths(t *testing.T, r *protocol.RoundState) (list []length) {
	t.Helper()
	first, err := checkpoint.Initial(mem.New(), n.Opts.Name, n.Opts.Base, n.Opts.Adapter, n.Opts.Model.Config)
	require.NoError(t, err)
	codec, err := delta.ByName(n.Opts.Spec.Codec)
	require.NoError(t, err)
	for _, c := range r.Round.Result.Contributions {
		file, err := ckpt.GetBytes(n.Attesters[0].Store(), c.Delta, protocol.MaxBodyBytes)
		require.NoError(t, err)
		f, err := delta.Parse(file)
		require.NoError(t, err)
		x, err := codec.Decode(f.Payload, len(checkpoint.Trained(first.Adapter, first.Adapter.Params)))
		require.NoError(t, err)
		list = append(list, length{checkpoint.Norm(x), c.Tokens, c.Steps == n.Opts.Spec.InnerSteps})
	}
	return list
}
