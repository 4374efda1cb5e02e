package network_test

import (
	"context"
	"testing"
	"time"

	"cosmossdk.io/math"
	cmthttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	modeltypes "github.com/weftnet/weft/x/model/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

func start(t *testing.T, o network.Options) (*network.Network, context.Context) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	n, err := network.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	return n, ctx
}

func coin(n int64) sdk.Coin { return sdk.NewInt64Coin(app.BondDenom, n) }

func TestOneValidator(t *testing.T) {
	alice, bob := network.NewAccount("alice"), network.NewAccount("bob")
	n, ctx := start(t, network.Options{Accounts: []network.Account{alice}, Listen: true})
	require.NoError(t, n.WaitHeight(ctx, 3))
	_, err := n.Send(ctx, alice, banktypes.NewMsgSend(alice.Address(), bob.Address(), sdk.NewCoins(coin(5))))
	require.NoError(t, err)
	_, err = n.Send(ctx, alice, banktypes.NewMsgSend(alice.Address(), bob.Address(), sdk.NewCoins(coin(1<<60))))
	require.ErrorContains(t, err, "insufficient funds")

	c, err := n.Context(0)
	require.NoError(t, err)
	_, err = c.Keyring.Key("alice")
	require.NoError(t, err)
	b, err := banktypes.NewQueryClient(c).Balance(ctx, &banktypes.QueryBalanceRequest{Address: bob.String(), Denom: app.BondDenom})
	require.NoError(t, err)
	require.Equal(t, coin(5), *b.Balance)

	rpc, err := cmthttp.New(n.Nodes[0].RPCAddr, "/websocket")
	require.NoError(t, err)
	s, err := rpc.Status(ctx)
	require.NoError(t, err)
	require.Equal(t, n.ChainID(), s.NodeInfo.Network)
}

func TestFourValidators(t *testing.T) {
	n, ctx := start(t, network.Options{Validators: 4, Power: []int64{1, 2, 3, 4}})
	require.NoError(t, n.WaitHeight(ctx, 3))
	c, err := n.Context(2)
	require.NoError(t, err)
	vs, err := stakingtypes.NewQueryClient(c).Validators(ctx, &stakingtypes.QueryValidatorsRequest{Status: stakingtypes.BondStatusBonded})
	require.NoError(t, err)
	require.Len(t, vs.Validators, 4)
}

// A proposal changes the parameters of each of our modules, and one that makes shares the bond denom does not get in.
func TestGovernance(t *testing.T) {
	n, ctx := start(t, network.Options{Validators: 4, VotingPeriod: time.Second})
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	_, err := n.Propose(ctx, "parameters",
		&sharetypes.MsgUpdateParams{Authority: gov, Params: sharetypes.Params{MinDeposits: sdk.NewCoins(coin(7))}},
		&modeltypes.MsgUpdateParams{Authority: gov, Params: modeltypes.Params{MinFunding: coin(9)}})
	require.NoError(t, err)
	require.NoError(t, n.WaitHeight(ctx, n.Height(0)+1))
	c, err := n.Context(3)
	require.NoError(t, err)
	p, err := modeltypes.NewQueryClient(c).Params(ctx, &modeltypes.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, coin(9), p.Params.MinFunding)

	_, err = n.Propose(ctx, "wrong", &sharetypes.MsgUpdateParams{Authority: gov,
		Params: sharetypes.Params{MinDeposits: sdk.NewCoins(sdk.NewInt64Coin("share/x", 1))}})
	require.ErrorContains(t, err, "share denom")
	sp, err := stakingtypes.NewQueryClient(c).Params(ctx, &stakingtypes.QueryParamsRequest{})
	require.NoError(t, err)
	sp.Params.BondDenom = "share/x"
	_, err = n.Propose(ctx, "worse", &stakingtypes.MsgUpdateParams{Authority: gov, Params: sp.Params})
	require.ErrorContains(t, err, "share denom")
}

// Everything comes back after a stop: in memory, on disk, and on disk in another process' place.
func TestRestart(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			alice := network.NewAccount("alice")
			n, ctx := start(t, network.Options{Validators: 2, Accounts: []network.Account{alice}, Dir: dir})
			_, err := n.Send(ctx, alice, create(alice))
			require.NoError(t, err)
			for range 2 {
				h := n.Height(0)
				require.NoError(t, n.Stop())
				require.NoError(t, n.Start())
				require.NoError(t, n.WaitHeight(ctx, h+3))
			}
			if dir != "" {
				require.NoError(t, n.Close())
				n, ctx = start(t, network.Options{Validators: 2, Accounts: []network.Account{alice}, Dir: dir})
			}
			_, err = n.Send(ctx, alice, &modeltypes.MsgFund{Funder: alice.String(), Model: "tiny", Amount: coin(2_000_000)})
			require.NoError(t, err)
			c, err := n.Context(1)
			require.NoError(t, err)
			tr, err := modeltypes.NewQueryClient(c).Treasury(ctx, &modeltypes.QueryTreasuryRequest{Model: "tiny"})
			require.NoError(t, err)
			require.Equal(t, math.NewInt(2_000_000), tr.Available)
		})
	}
}

// A validator's operator links a worker, whose weight is then the validator's tokens.
func TestLinkValidator(t *testing.T) {
	alice := network.NewAccount("alice")
	n, ctx := start(t, network.Options{Accounts: []network.Account{alice}})
	envelope, err := (&workertypes.Binding{ChainId: n.ChainID(), Account: alice.String()}).Seal(nodeKey(t))
	require.NoError(t, err)
	_, err = n.Send(ctx, alice, &workertypes.MsgRegister{Account: alice.String(), Envelope: envelope})
	require.NoError(t, err)
	op := n.Nodes[0].Operator
	_, err = n.Send(ctx, op, &workertypes.MsgLinkValidator{Operator: op.ValAddress().String(), Worker: alice.String()})
	require.NoError(t, err)
	c, err := n.Context(0)
	require.NoError(t, err)
	w, err := workertypes.NewQueryClient(c).Worker(ctx, &workertypes.QueryWorkerRequest{Address: alice.String()})
	require.NoError(t, err)
	require.EqualValues(t, 10_000_000, w.View.Weight)
}
