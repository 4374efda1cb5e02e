package keeper_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/x/share/types"
)

func TestMintStopsAtTheMaximum(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.k.RegisterPool(c.ctx, "small", math.NewInt(10)))
	for _, step := range []struct{ ask, want int64 }{{4, 4}, {4, 4}, {4, 2}, {4, 0}, {0, 0}} {
		n, err := c.k.Mint(c.ctx, "small", holder(1), math.NewInt(step.ask))
		require.NoError(t, err)
		require.Equal(t, step.want, n.Int64())
	}
	require.EqualValues(t, 10, c.bank.GetSupply(c.ctx, "share/small").Amount.Int64())
	_, err := c.k.Mint(c.ctx, "absent", holder(1), math.OneInt())
	require.ErrorIs(t, err, types.ErrNoPool)
	_, err = c.k.Mint(c.ctx, "small", holder(1), math.NewInt(-1))
	require.ErrorIs(t, err, types.ErrInvalid)
	require.ErrorIs(t, c.k.RegisterPool(c.ctx, "small", math.NewInt(10)), types.ErrPoolExists)
	require.ErrorIs(t, c.k.RegisterPool(c.ctx, "a/b", math.NewInt(10)), types.ErrInvalid)
	require.ErrorIs(t, c.k.RegisterPool(c.ctx, "big", types.MaxSupply.AddRaw(1)), types.ErrInvalid)
}

func TestDepositIsRefused(t *testing.T) {
	c := newChain(t)
	require.ErrorIs(t, c.deposit(5), types.ErrNoHolders)
	require.NoError(t, c.mint(1, 5))
	for name, tc := range map[string]struct {
		model string
		coin  sdk.Coin
		want  error
	}{
		"no pool":   {"absent", sdk.NewInt64Coin(revenue, 5), types.ErrNoPool},
		"denom":     {model, sdk.NewInt64Coin("other", 5), types.ErrDenom},
		"too small": {model, sdk.Coin{Denom: revenue, Amount: math.ZeroInt()}, types.ErrTooSmall},
		"negative":  {model, sdk.Coin{Denom: revenue, Amount: math.NewInt(-4)}, types.ErrInvalid},
	} {
		_, err := c.msg.Deposit(c.ctx, &types.MsgDeposit{Depositor: payer.String(), Model: tc.model, Amount: tc.coin})
		require.ErrorIs(t, err, tc.want, name)
	}
	huge := types.Scale.Mul(types.Scale)
	c.fund(t, payer, sdk.NewCoins(sdk.NewCoin(revenue, huge)))
	require.NoError(t, c.deposit(1))
	_, err := c.msg.Deposit(c.ctx, &types.MsgDeposit{Depositor: payer.String(), Model: model, Amount: sdk.NewCoin(revenue, huge)})
	require.ErrorIs(t, err, types.ErrTooMuch)
}

func TestSharesStayOutOfModuleAccounts(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.mint(1, 5))
	for _, m := range []string{govtypes.ModuleName, types.ModuleName, "mint"} {
		require.ErrorIs(t, c.bank.SendCoins(c.ctx, holder(1), authtypes.NewModuleAddress(m), coins(1, share)), types.ErrModuleAccount)
		require.ErrorIs(t, c.bank.SendCoinsFromAccountToModule(c.ctx, holder(1), m, coins(1, share)), types.ErrModuleAccount)
	}
	require.ErrorIs(t, c.bank.SendCoins(c.ctx, holder(1), holder(2), coins(6, share)), types.ErrShort)
	require.Error(t, types.RefuseShares("bond denom", share))
	require.NoError(t, types.RefuseShares("bond denom", revenue))
	require.ErrorIs(t, types.Params{MinDeposits: coins(1, share)}.Validate(), types.ErrInvalid)
}

func TestMultiSendAndSendToSelfKeepPositions(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.mint(1, 10))
	require.NoError(t, c.deposit(100))
	require.NoError(t, c.bank.InputOutputCoins(c.ctx, banktypes.NewInput(holder(1), coins(9, share)),
		[]banktypes.Output{banktypes.NewOutput(holder(2), coins(4, share)), banktypes.NewOutput(holder(3), coins(5, share))}))
	require.NoError(t, c.bank.SendCoins(c.ctx, holder(3), holder(3), coins(5, share)))
	require.NoError(t, c.deposit(100))
	for i, want := range map[int]int64{1: 110, 2: 40, 3: 50} {
		got, err := c.claim(i)
		require.NoError(t, err)
		require.Equal(t, want, got)
		again, err := c.claim(i)
		require.NoError(t, err)
		require.Zero(t, again)
	}
}

func TestQueries(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.k.RegisterPool(c.ctx, "other", math.NewInt(10)))
	_, err := c.k.Mint(c.ctx, "other", holder(1), math.NewInt(3))
	require.NoError(t, err)
	require.NoError(t, c.mint(1, 1))
	require.NoError(t, c.mint(2, 3))
	require.NoError(t, c.deposit(10))
	all, err := c.q.Positions(c.ctx, &types.QueryPositionsRequest{Holder: holder(1).String()})
	require.NoError(t, err)
	require.Len(t, all.Positions, 2)
	require.Equal(t, model, all.Positions[0].Model)
	require.Equal(t, coins(2, revenue), all.Positions[0].Claimable)
	require.EqualValues(t, 4, all.Positions[0].Supply.Int64())
	require.Empty(t, all.Positions[1].Claimable)
	got, err := c.q.Claimable(c.ctx, &types.QueryClaimableRequest{Holder: holder(2).String(), Model: model})
	require.NoError(t, err)
	require.Equal(t, coins(7, revenue), got.Coins)
	none, err := c.q.Position(c.ctx, &types.QueryPositionRequest{Holder: holder(9).String(), Model: model})
	require.NoError(t, err)
	require.True(t, none.View.Shares.IsZero())
	pools, err := c.q.Pools(c.ctx, &types.QueryPoolsRequest{})
	require.NoError(t, err)
	require.Len(t, pools.Pools, 2)
}

func TestGenesisRoundTripAndLies(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.mint(1, 3))
	require.NoError(t, c.mint(2, 4))
	require.NoError(t, c.deposit(10))
	_, err := c.claim(1)
	require.NoError(t, err)
	require.NoError(t, c.bank.SendCoins(c.ctx, holder(1), holder(2), coins(3, share)))
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	again, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)

	for name, lie := range map[string]func(*types.GenesisState){
		"supply":    func(g *types.GenesisState) { g.Pools[0].Supply = math.NewInt(8) },
		"owed":      func(g *types.GenesisState) { g.Positions[0].Position.Earnings[0].Owed = types.Scale },
		"claimed":   func(g *types.GenesisState) { g.Pools[0].Streams[0].Claimed = math.ZeroInt() },
		"no pool":   func(g *types.GenesisState) { g.Positions[0].Model = "absent" },
		"duplicate": func(g *types.GenesisState) { g.Positions = append(g.Positions, g.Positions[0]) },
		"holder":    func(g *types.GenesisState) { g.Positions[0].Holder = "x" },
	} {
		g, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		lie(g)
		require.Error(t, g.Validate(), name)
	}
	gs.Positions[len(gs.Positions)-1].Holder = holder(7).String() // consistent in itself, but not the bank's truth
	require.ErrorIs(t, c.k.InitGenesis(c.ctx, gs), types.ErrGenesis)
}

func TestParamsNeedAuthority(t *testing.T) {
	c := newChain(t)
	_, err := c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: payer.String(), Params: types.DefaultParams()})
	require.Error(t, err)
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	_, err = c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: gov, Params: types.Params{MinDeposits: coins(7, "other")}})
	require.NoError(t, err)
	require.NoError(t, c.mint(1, 1))
	require.ErrorIs(t, c.deposit(5), types.ErrDenom)
}
