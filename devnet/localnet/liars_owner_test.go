package localnet

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/attester"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

var government = authtypes.NewModuleAddress(govtypes.ModuleName).String()

// openRun is a proposal's message.
func openRun(s protocol.RunSpec) sdk.Msg {
	return &roundtypes.MsgOpenRun{Authority: government, Spec: roundtypes.SpecOf(s)}
}

// TestGreedyOwner cancels in the middle of a round, in order not to pay for it: the round runs to its end and is paid in
// full, and what no round earned goes back to the treasury. Before, it tries a spec that cannot be carried out, a second
// run on the same model, and a second worker on one validator, and is refused each; after, a trainer tries to lose its
// shares in a module's account, somebody to deposit dust, and two to move shares around a deposit.
func TestGreedyOwner(t *testing.T) {
	t.Parallel()
	g, o := newGates(), liarOptions(t)
	o.Wrap, o.Trainers = g.Wrap, honest
	g.hold("trainer0", commitOf(1))
	n, ctx := start(t, o)
	n.refuses(t, ctx, &workertypes.MsgLinkValidator{Operator: n.Nodes[0].Operator.ValAddress().String(),
		Worker: n.Trainers[0].Account.String()}, "already linked")
	n.secondRun(t, ctx)
	startTogether(t, ctx, n)
	g.wait(t, ctx, "trainer0")
	_, err := n.Propose(ctx, "Cancel", &roundtypes.MsgCancelRun{Authority: government, Run: n.RunID})
	require.NoError(t, err)
	require.Equal(t, protocol.StatusEnding, n.state(t, ctx).Run.Status)
	g.open("trainer0")
	r, x := n.settled(t, ctx, 1), newExpectation(n)
	x.credit(t, r)
	n.everyTrainerIsPaid(t, r)
	waitAll(t, ctx, n)
	s := n.state(t, ctx)
	require.Equal(t, protocol.StatusEnded, s.Run.Status)
	require.Equal(t, protocol.EndCancelled, s.Run.End)
	require.Equal(t, n.Opts.Spec.Budget-r.Round.Paid, s.Run.Escrow.Refunded)
	n.conserved(t, s)
	n.released(t, ctx)
	require.Equal(t, s.Run.Escrow.Refunded, n.treasury(t, ctx))
	x.check(t, ctx)

	holder, shares := n.Trainers[0].Account, sdk.NewInt64Coin("share/"+o.Name, 1)
	for _, module := range []string{sharetypes.ModuleName, roundtypes.ModuleName, workertypes.ModuleName, govtypes.ModuleName} {
		to := authtypes.NewModuleAddress(module).String()
		_, err := n.Send(ctx, holder, &banktypes.MsgSend{FromAddress: holder.String(), ToAddress: to, Amount: sdk.NewCoins(shares)})
		require.Error(t, err, "shares to x/%s", module)
	}
	_, err = n.Send(ctx, Holder, &sharetypes.MsgDeposit{Depositor: Holder.String(), Model: o.Name, Amount: Coins(1)})
	require.Error(t, err, "dust")
	x.check(t, ctx)
	n.movesShares(t, ctx, holder, Holder)
}

// refuses expects that the first validator's operator may not do something.
func (n *Net) refuses(t *testing.T, ctx context.Context, msg sdk.Msg, why string) {
	t.Helper()
	_, err := n.Send(ctx, n.Nodes[0].Operator, msg)
	require.ErrorContains(t, err, why)
}

// secondRun proposes what governance cannot carry out: specs whose every problem is named, and one more run on the model,
// although its owner approves it.
func (n *Net) secondRun(t *testing.T, ctx context.Context) {
	t.Helper()
	impossible := n.Opts.Spec
	impossible.SeqLen, impossible.Audits, impossible.Codec, impossible.Rounds = 0, 0, "gzip", 1_000
	impossible.Split.Owner++
	_, err := n.Propose(ctx, "Impossible", openRun(impossible))
	require.Len(t, impossible.Problems(), 5)
	for _, problem := range impossible.Problems() {
		require.ErrorContains(t, err, problem)
	}
	second := n.Opts.Spec
	second.Budget, second.Rounds, second.RewardPerRound, second.Community = 0, 1, 0, 0
	d := second.Digest()
	_, err = n.Send(ctx, Owner, &modeltypes.MsgApproveRun{Owner: Owner.String(), Model: second.Model, Spec: d.Text()})
	require.NoError(t, err)
	_, err = n.Propose(ctx, "A second run", openRun(second))
	require.ErrorContains(t, err, modeltypes.ErrRunOpen.Error())
}

// treasury is what the model's treasury holds.
func (n *Net) treasury(t *testing.T, ctx context.Context) uint64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := modeltypes.NewQueryClient(cc).Treasury(ctx, &modeltypes.QueryTreasuryRequest{Model: n.Opts.Name})
	require.NoError(t, err)
	return r.Available.Uint64()
}

// TestDataForFriends: the owner gives the token set to one attester alone. The others cannot say Ready, so that no round
// begins; after max_wait the run ends, its budget goes back, and those who came lost nothing.
func TestDataForFriends(t *testing.T) {
	t.Parallel()
	o := liarOptions(t)
	o.Trainers, o.Spec.MaxWait, o.Spec.MinAttesters = honest, 4*time.Second, 3
	o.Attester = func(name string, a *attester.Config) {
		if name != "attester0" {
			a.TrainID = digest.Sum([]byte("nothing that the owner gave"))
		}
	}
	n, ctx := start(t, o)
	startAll(t, ctx, n.workers()...)
	for i, w := range n.Attesters {
		if err := w.Wait(ctx); i == 0 {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "build or fetch that one")
			require.Error(t, w.Stop())
		}
	}
	s := n.state(t, ctx)
	require.Equal(t, protocol.EndMaxWait, s.Run.End)
	require.Equal(t, o.Spec.Budget, s.Run.Escrow.Refunded)
	require.EqualValues(t, 1, s.Run.Next, "no round began")
	n.released(t, ctx)
	require.Equal(t, o.Spec.Budget, n.treasury(t, ctx))
	newExpectation(n).check(t, ctx)
}

// TestFiveRunsNeedFiveBonds: what is locked for one run covers no other.
func TestFiveRunsNeedFiveBonds(t *testing.T) {
	t.Parallel()
	o := liarOptions(t)
	o.Trainers, o.Spec.BondPerSlot = 1, genesisCoins/4
	n, ctx := start(t, o)
	msgs := n.models(t, ctx, 4)
	_, err := n.Propose(ctx, "Four more runs", msgs...)
	require.NoError(t, err)
	w := n.Trainers[0]
	for run := n.RunID; run < n.RunID+5; run++ {
		err := w.Client.Submit(ctx, run, protocol.Enrol{Account: protocol.Account(w.Account.String()), Slots: 1})
		if run < n.RunID+4 {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "insufficient funds")
		}
	}
	require.EqualValues(t, -genesisCoins, n.balance(t, ctx, w.Account.String()))
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := workertypes.NewQueryClient(cc).Bonds(ctx, &workertypes.QueryBondsRequest{Address: w.Account.String()})
	require.NoError(t, err)
	require.Len(t, r.Bonds, 4)
	for _, b := range r.Bonds {
		require.Equal(t, sdk.NewInt64Coin(app.BondDenom, genesisCoins/4), b.Bond.Amount)
	}
	n.conservedAt(t, n.Height(0))
}

// models makes more models like the first, and messages that open the same run on each.
func (n *Net) models(t *testing.T, ctx context.Context, count int) (msgs []sdk.Msg) {
	t.Helper()
	name := n.Opts.Name
	defer func() { n.Opts.Name = name }()
	for i := range count {
		n.Opts.Name = nodeName(name, i)
		_, err := n.CreateModel(ctx)
		require.NoError(t, err)
		spec := n.Opts.Spec
		spec.Model = n.Opts.Name
		d := spec.Digest()
		_, err = n.Send(ctx, Owner, &modeltypes.MsgFund{Funder: Owner.String(), Model: spec.Model, Amount: Coins(spec.Budget)},
			&modeltypes.MsgApproveRun{Owner: Owner.String(), Model: spec.Model, Spec: d.Text()})
		require.NoError(t, err)
		msgs = append(msgs, openRun(spec))
	}
	return msgs
}
