package localnet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/trainer"
)

// TestSecondMachineWithTheSameKey commits to other work after the first: it is told, the first one's work counts and is
// paid once, and nobody is slashed.
func TestSecondMachineWithTheSameKey(t *testing.T) {
	t.Parallel()
	g, o := newGates(), liarOptions(t)
	o.Wrap, o.Trainers, o.Spec.Rounds = g.Wrap, honest, 1
	machines := 0
	o.Trainer = func(name string, tr *trainer.Config) {
		if name != "trainer0" {
			return
		}
		if machines++; machines == 2 {
			tr.Do = cheat.DoubleCommit(tr.Chain, tr.Account)
		}
	}
	told := make(chan string, 16)
	o.Tell = func(e status.Placed) {
		if p, ok := e.(*status.Problem); ok && strings.Contains(p.Error, "another machine with this key") {
			told <- p.Error
		}
	}
	g.hold("trainer1", commitOf(1))
	n, ctx := start(t, o)
	twin := n.twin(t, n.Trainers[0])
	startTogether(t, ctx, n)
	startAll(t, ctx, twin)
	t.Cleanup(func() { stopAll(t, twin) })
	select {
	case <-told:
	case <-ctx.Done():
		t.Fatal("the second machine was not told")
	}
	g.open("trainer1")
	x := newExpectation(n)
	r := n.settled(t, ctx, 1)
	x.credit(t, r)
	n.everyTrainerIsPaid(t, r)
	require.Empty(t, r.Disputes)
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}

// twin is another machine with an account's key and node key.
func (n *Net) twin(t *testing.T, w *Node) *Node {
	t.Helper()
	dir := w.dir + "-twin"
	require.NoError(t, os.MkdirAll(dir, 0o755))
	key, err := os.ReadFile(filepath.Join(w.dir, "node.key"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "node.key"), key, 0o600))
	cc, err := n.Context(1)
	require.NoError(t, err)
	c, err := chain.New(cc, w.Account.Name, "")
	require.NoError(t, err)
	return &Node{Account: w.Account, Client: c, net: n, dir: dir}
}
