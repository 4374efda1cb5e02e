package keeper_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/weftnet/weft/x/model/types"
)

// Money of the community pool goes to a run and back, exactly, beside the treasury's.
func TestCommunityMoney(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.fund(1, 100))
	require.NoError(t, c.distr.FundCommunityPool(c.ctx, sdk.NewCoins(stake(1000)), account(9)))
	held := func(module string) int64 {
		return c.bank.GetBalance(c.ctx, authtypes.NewModuleAddress(module), "stake").Amount.Int64()
	}
	want := func(treasury, pool, run int64) {
		t.Helper()
		fee, err := c.distr.FeePool.Get(c.ctx)
		require.NoError(t, err)
		require.True(t, fee.CommunityPool.AmountOf("stake").Equal(math.LegacyNewDec(pool)), "pool %s", fee.CommunityPool)
		require.Equal(t, pool, held(distrtypes.ModuleName))
		require.Equal(t, treasury, held(types.ModuleName))
		require.Equal(t, run, held(escrow))
		_, drawn := c.funding(t, 1)
		require.Equal(t, 100-treasury, drawn)
		require.NoError(t, c.k.CheckInvariants(c.ctx))
	}
	want(100, 1000, 0)
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(60), math.NewInt(40), escrow))
	want(40, 960, 100)
	require.NoError(t, c.k.Refund(c.ctx, name, math.NewInt(6), math.NewInt(4), escrow))
	want(46, 964, 90)
	require.NoError(t, c.k.Debit(c.ctx, name, math.ZeroInt(), math.NewInt(5), escrow))
	want(46, 959, 95)
	require.NoError(t, c.k.Refund(c.ctx, name, math.ZeroInt(), math.NewInt(5), escrow))
	want(46, 964, 90)
	require.ErrorIs(t, c.k.Debit(c.ctx, name, math.ZeroInt(), math.NewInt(965), escrow), types.ErrTreasury)
	require.ErrorIs(t, c.k.Debit(c.ctx, "absent", math.ZeroInt(), math.NewInt(1), escrow), types.ErrNoModel)
	require.ErrorIs(t, c.k.Debit(c.ctx, name, math.ZeroInt(), math.NewInt(-1), escrow), types.ErrInvalid)
	want(46, 964, 90)
}

// The books name what does not add up.
func TestInvariantsNameTheNumbers(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.fund(1, 100))
	require.NoError(t, c.bank.SendCoinsFromModuleToModule(c.ctx, types.ModuleName, escrow, sdk.NewCoins(stake(1))))
	err := c.k.CheckInvariants(c.ctx)
	require.ErrorIs(t, err, types.ErrBooks)
	require.ErrorContains(t, err, "100stake")
	require.ErrorContains(t, err, "99stake")
}
