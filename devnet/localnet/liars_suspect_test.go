package localnet

import (
	"testing"

	"github.com/stretchr/testify/require"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// TestSuspectNumerics: when three of six are convicted in a round it may be the processors that disagree. Nobody is paid
// for it, but the slashes wait, and no round begins, until governance has looked: here it pardons one, whose work is
// not called forged any more, and lets the other slashes be carried out.
func TestSuspectNumerics(t *testing.T) {
	t.Parallel()
	g, o := newGates(), liarOptions(t)
	o.Wrap, o.Trainers, o.Spec.MinTrainers, o.Spec.Rounds = g.Wrap, 2*honest, honest, 2
	o.Trainer = func(name string, tr *trainer.Config) {
		for i := range honest {
			if name == nodeName("trainer", honest+i) {
				tr.Do = cheat.Inject(uint32(i))
			}
		}
	}
	g.hold("trainer0", commitOf(2))
	n, ctx := start(t, o)
	startTogether(t, ctx, n)
	x := newExpectation(n)
	r := n.settled(t, ctx, 1)
	x.credit(t, r)
	for i, w := range n.Trainers {
		require.Equal(t, i >= honest, partOf(r, w).Reason == fraud, "%s: %s", w.Account.Name, partOf(r, w).Reason)
	}
	require.EqualValues(t, honest, r.Round.Convicted)
	s := n.state(t, ctx)
	require.True(t, s.Run.Suspect)
	require.Equal(t, protocol.StatusPaused, s.Run.Status)
	waiting := n.penalties(t, ctx)
	require.Len(t, waiting, honest)
	for _, p := range waiting {
		require.Nil(t, p.ExecuteAt, "%+v", p)
	}

	gov, pardoned := authtypes.NewModuleAddress(govtypes.ModuleName).String(), n.Trainers[honest]
	_, err := n.Propose(ctx, "The second and the third lied",
		&roundtypes.MsgPardon{Authority: gov, Run: n.RunID, Round: 1, Account: pardoned.Account.String()},
		&roundtypes.MsgResumeRun{Authority: gov, Run: n.RunID})
	require.NoError(t, err)
	require.False(t, n.state(t, ctx).Run.Suspect)
	for _, w := range n.Trainers[honest+1:] {
		x.slashed(r, w)
	}
	g.open("trainer0")
	x.credit(t, n.settled(t, ctx, 2))
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}
