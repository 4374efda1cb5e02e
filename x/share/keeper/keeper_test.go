package keeper_test

import (
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
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

// Wallets know the shares of every model, and nothing of a model that was refused.
func TestSharesAreDescribed(t *testing.T) {
	c := newChain(t)
	require.ErrorIs(t, c.k.RegisterPool(c.ctx, model, math.NewInt(10)), types.ErrPoolExists)
	require.ErrorIs(t, c.k.RegisterPool(c.ctx, "big", types.MaxSupply.AddRaw(1)), types.ErrInvalid)
	m, found := c.bank.GetDenomMetaData(c.ctx, share)
	require.True(t, found)
	require.NoError(t, m.Validate())
	require.Equal(t, share, m.Base)
	require.Equal(t, share, m.Display, "a share has no parts")
	require.Len(t, c.bank.GetAllDenomMetaData(c.ctx), 1)
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

// Queries show the pool and what is claimable at the block's time, and write nothing.
func TestQueriesInAStream(t *testing.T) {
	c := newStreaming(t, 24*time.Hour)
	require.NoError(t, c.mint(1, 1))
	require.NoError(t, c.mint(2, 3))
	require.NoError(t, c.deposit(1001))
	before, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	for _, tc := range []struct{ wait, pool, claimable, coming int64 }{{0, 1001, 0, 250}, {12, 501, 125, 125}, {11, 42, 239, 10},
		{1, 0, 250, 0}} {
		c.wait(time.Duration(tc.wait) * time.Hour)
		p, err := c.q.Pool(c.ctx, &types.QueryPoolRequest{Model: model})
		require.NoError(t, err)
		require.Equal(t, tc.pool, p.Pending.AmountOf(revenue).Int64())
		list, err := c.q.Pools(c.ctx, &types.QueryPoolsRequest{})
		require.NoError(t, err)
		require.Equal(t, []types.Pool{p.Pool}, list.Pools)
		v, err := c.q.Position(c.ctx, &types.QueryPositionRequest{Holder: holder(1).String(), Model: model})
		require.NoError(t, err)
		require.Equal(t, tc.claimable, v.View.Claimable.AmountOf(revenue).Int64())
		require.Equal(t, tc.coming, v.View.Pending.AmountOf(revenue).Int64())
	}
	after, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, before.Pools, after.Pools)
	require.Equal(t, before.Positions, after.Positions)
}

// Events say what the transaction did and what is still to come.
func TestEvents(t *testing.T) {
	c := newStreaming(t, 24*time.Hour)
	require.NoError(t, c.mint(1, 1))
	require.NoError(t, c.deposit(1000))
	require.Equal(t, &types.EventDeposit{
		Model: model, Depositor: payer.String(), Amount: "1000stake", Pending: "1000stake", Until: start.Add(24 * time.Hour),
	}, c.lastEvent(t))
	c.wait(6 * time.Hour)
	_, err := c.claim(1)
	require.NoError(t, err)
	require.Equal(t, &types.EventClaim{Model: model, Holder: holder(1).String(), Amount: "250stake", Pending: "750stake"}, c.lastEvent(t))
}

func (c *chain) lastEvent(t *testing.T) proto.Message {
	all := c.ctx.EventManager().ABCIEvents()
	ev, err := sdk.ParseTypedEvent(all[len(all)-1])
	require.NoError(t, err)
	return ev
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
