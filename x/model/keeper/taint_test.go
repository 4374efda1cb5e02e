package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// lineage appends checkpoints 10, 11, … and evaluates each with the given mean; 0 means not.
func lineage(t *testing.T, c *chain, nats ...uint64) {
	parent := named(3)
	for i, n := range nats {
		d := named(byte(10 + i))
		require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: d, Model: name, Parent: parent, Run: 1, Round: uint64(i + 1)}))
		parent = d
		if n > 0 {
			require.NoError(t, c.k.RecordEval(c.ctx, d, n, 64, named(77)))
		}
	}
}

func (c *chain) best(t *testing.T) byte {
	m, err := c.q.Model(c.ctx, &types.QueryModelRequest{Name: name})
	require.NoError(t, err)
	return first(t, m.Model.Best)
}

// first is the first byte of a digest that named made; 0 when there is none.
func first(t *testing.T, text string) byte {
	d, err := digest.ParseText(text)
	require.NoError(t, err)
	return d[0]
}

// tainted lists for each checkpoint, from the newest, what it is tainted by.
func (c *chain) tainted(t *testing.T) (by []byte) {
	r, err := c.q.Lineage(c.ctx, &types.QueryLineageRequest{Model: name})
	require.NoError(t, err)
	for i, d := range r.TaintedBy {
		one, err := c.q.Checkpoint(c.ctx, &types.QueryCheckpointRequest{Digest: r.Checkpoints[i].Digest})
		require.NoError(t, err)
		require.Equal(t, d, one.TaintedBy)
		by = append(by, first(t, d))
	}
	return by
}

// A taint covers everything that descends from the checkpoint; best passes over it until a later evaluation is better than what was clean.
func TestTaint(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 1_400, 1_200, 1_100, 1_000, 0)
	require.Equal(t, byte(13), c.best(t))
	require.ErrorIs(t, c.k.Taint(c.ctx, named(99), 1, 1, "a"), types.ErrNoCheckpoint)
	require.NoError(t, c.k.Taint(c.ctx, named(12), 1, 3, "a"))
	require.Equal(t, []byte{12, 12, 12, 0, 0, 0}, c.tainted(t))
	require.Equal(t, byte(11), c.best(t))

	require.NoError(t, c.k.RecordEval(c.ctx, named(14), 1_300, 64, named(77)))
	require.Equal(t, byte(11), c.best(t), "no better than what was clean")
	require.NoError(t, c.k.RecordEval(c.ctx, named(14), 1_150, 64, named(77)))
	require.Equal(t, byte(14), c.best(t), "better, and evaluated after the conviction")
	require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: named(15), Model: name, Parent: named(14), Run: 1}))
	require.Equal(t, []byte{12, 12, 12, 12, 0, 0, 0}, c.tainted(t), "what comes later descends from it too")

	require.NoError(t, c.k.Taint(c.ctx, named(13), 1, 4, "b"))
	require.Equal(t, byte(11), c.best(t), "what lies between two taints is not clean")
	require.NoError(t, c.k.Taint(c.ctx, named(12), 1, 3, "c"))
	require.NoError(t, c.k.Untaint(c.ctx, named(12), "a"))
	require.Equal(t, byte(12), c.tainted(t)[0], "c's is left")
	require.NoError(t, c.k.Untaint(c.ctx, named(12), "c"))
	require.Equal(t, []byte{13, 13, 13, 0, 0, 0, 0}, c.tainted(t))

	ts, err := c.q.Taints(c.ctx, &types.QueryTaintsRequest{Model: name})
	require.NoError(t, err)
	d := named(13)
	require.Equal(t, []types.Taint{{Model: name, Position: 4, Account: "b", Checkpoint: d.Text(), Run: 1, Round: 4}}, ts.Taints)

	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	again, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)
	for what, lie := range map[string]func(*types.GenesisState){
		"position of a taint": func(g *types.GenesisState) { g.Taints[0].Position++ },
		"nobody's taint":      func(g *types.GenesisState) { g.Taints[0].Account = "" },
		"taint twice":         func(g *types.GenesisState) { g.Taints = append(g.Taints, g.Taints[0]) },
		"stranger's taint":    func(g *types.GenesisState) { g.Taints[0].Model = "absent" },
		"position":            func(g *types.GenesisState) { g.Checkpoints[1].Position = 9 },
		"positions": func(g *types.GenesisState) {
			for i := range g.Checkpoints {
				g.Checkpoints[i].Position++
			}
			g.Taints = nil
		},
	} {
		g, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		lie(g)
		require.ErrorIs(t, g.Validate(), types.ErrGenesis, what)
	}
}

// When nothing clean was evaluated there is no best, until something is.
func TestTaintOfTheOnlyEvaluatedCheckpoint(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 1_400, 1_200)
	require.NoError(t, c.k.Taint(c.ctx, named(10), 1, 1, "a"))
	require.Zero(t, c.best(t))
	require.NoError(t, c.k.RecordEval(c.ctx, named(11), 1_200, 64, named(77)))
	require.Equal(t, byte(11), c.best(t))
}

// Means on different sets are not compared: the newer run's checkpoint is taken.
func TestBestAcrossSets(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 1_400)
	require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: named(20), Model: name, Parent: named(10), Run: 2, Round: 1}))
	require.NoError(t, c.k.RecordEval(c.ctx, named(20), 3_000, 64, named(78)))
	require.Equal(t, byte(20), c.best(t))
	require.NoError(t, c.k.RecordEval(c.ctx, named(10), 1, 64, named(77)))
	require.Equal(t, byte(20), c.best(t))
}

// A tainted checkpoint on another set cannot be compared with the last clean one, so it is passed over; a clean one of a newer run is not.
func TestTaintAcrossSets(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 1_400, 1_300)
	require.NoError(t, c.k.Taint(c.ctx, named(11), 1, 2, "a"))
	require.Equal(t, byte(10), c.best(t))
	require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: named(20), Model: name, Parent: named(11), Run: 2, Round: 1}))
	require.NoError(t, c.k.RecordEval(c.ctx, named(20), 1, 64, named(78)))
	require.Equal(t, byte(10), c.best(t))
	require.NoError(t, c.k.Untaint(c.ctx, named(11), "b"), "nothing to take back")
	require.NoError(t, c.k.Untaint(c.ctx, named(11), "a"))
	require.Equal(t, byte(20), c.best(t), "clean again, and of a newer run")
}

// A pardon makes best what it would have been, as far as the lineage is clean again, and never something worse than what is best meanwhile.
func TestBestAfterAPardon(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 1_400, 1_200, 1_100, 1_000)
	require.NoError(t, c.k.Taint(c.ctx, named(11), 1, 2, "a"))
	require.NoError(t, c.k.Taint(c.ctx, named(13), 1, 4, "b"))
	require.Equal(t, byte(10), c.best(t))
	require.NoError(t, c.k.Untaint(c.ctx, named(11), "a"))
	require.Equal(t, byte(12), c.best(t), "13 is still tainted")
	require.NoError(t, c.k.Untaint(c.ctx, named(13), "b"))
	require.Equal(t, byte(13), c.best(t))

	c = newChain(t)
	lineage(t, c, 1_400, 1_200)
	require.NoError(t, c.k.Taint(c.ctx, named(10), 1, 1, "a"))
	require.Zero(t, c.best(t))
	require.NoError(t, c.k.RecordEval(c.ctx, named(11), 1_500, 64, named(77)))
	require.NoError(t, c.k.Taint(c.ctx, named(11), 1, 2, "b"))
	require.NoError(t, c.k.Untaint(c.ctx, named(10), "a"))
	require.Equal(t, byte(10), c.best(t))
	require.NoError(t, c.k.Untaint(c.ctx, named(11), "b"))
	require.Equal(t, byte(10), c.best(t), "11 is clean, and worse")
}

// The search for another best is bounded: what was evaluated only further back is not found, and the next evaluation decides.
func TestFallBackIsBounded(t *testing.T) {
	for _, tt := range []struct {
		between int // checkpoints without an evaluation before the one that is tainted
		want    byte
	}{{between: 4_095, want: 3}, {between: 4_096, want: 0}} {
		c := newChain(t)
		require.NoError(t, c.k.RecordEval(c.ctx, named(3), 5, 64, named(77)))
		parent := named(3)
		for i := range tt.between + 1 {
			d := digest.Digest{200, byte(i >> 8), byte(i)}
			require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: d, Model: name, Parent: parent, Run: 1,
				Round: uint64(i + 1)}))
			parent = d
		}
		require.NoError(t, c.k.RecordEval(c.ctx, parent, 4, 64, named(77)))
		require.Equal(t, byte(200), c.best(t))
		require.NoError(t, c.k.Taint(c.ctx, parent, 1, uint64(tt.between+1), "a"))
		require.Equal(t, tt.want, c.best(t), tt.between)
		require.NoError(t, c.k.Untaint(c.ctx, parent, "a"))
		require.Equal(t, byte(200), c.best(t))
	}
}

// A taint of what comes after best changes nothing, and best falls back among evaluations on one set only.
func TestFallBack(t *testing.T) {
	c := newChain(t)
	lineage(t, c, 900, 0, 1_000)
	require.NoError(t, c.k.Taint(c.ctx, named(12), 1, 3, "a"))
	require.Equal(t, byte(10), c.best(t))

	c = newChain(t)
	require.NoError(t, c.k.RecordEval(c.ctx, named(3), 5, 64, named(70)))
	lineage(t, c, 1_400, 1_400, 1_500, 1_000)
	require.Equal(t, byte(13), c.best(t))
	require.NoError(t, c.k.Taint(c.ctx, named(13), 1, 4, "a"))
	require.Equal(t, byte(10), c.best(t), "the earlier of equal ones; what was evaluated on another set is left out")
}
