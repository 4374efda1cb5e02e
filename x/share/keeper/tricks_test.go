package keeper_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/x/share/types"
)

const day = 24 * time.Hour

// Holder 2 buys all shares of holder 1 for the block of a deposit, and gives them back after five minutes: it earns five minutes of it.
func TestBuyBeforeADepositAndSellAfter(t *testing.T) {
	c := newStreaming(t, day)
	require.NoError(t, c.mint(1, 1000))
	require.NoError(t, c.send(1, 2, 1000))
	require.NoError(t, c.deposit(86_400_000))
	require.Equal(t, []int64{0, 0}, c.claims(t, 1, 2))
	c.wait(5 * time.Minute)
	require.NoError(t, c.send(2, 1, 1000))
	c.wait(2 * day)
	got := c.claims(t, 1, 2)
	require.InDelta(t, 300_000, got[1], 1)
	require.InDelta(t, 86_400_000-300_000, got[0], 1)
}

// Shares minted while revenue streams earn what is released from then on, nothing of before.
func TestMintDuringAStream(t *testing.T) {
	c := newStreaming(t, day)
	require.NoError(t, c.mint(1, 100))
	require.NoError(t, c.deposit(1000))
	c.wait(12 * time.Hour)
	require.NoError(t, c.mint(2, 100))
	require.Equal(t, []int64{500, 0}, c.claims(t, 1, 2))
	c.wait(day)
	require.Equal(t, []int64{250, 250}, c.claims(t, 1, 2))
	require.Equal(t, []int64{0, 0}, c.claims(t, 1, 2))
}

// Three accounts of one person pass 3,000 of 4,000 shares around at every minute of a stream. Holder 4 sits still and must get its quarter;
// the three together must get no more than the rest.
func TestMoveSharesAroundDuringAStream(t *testing.T) {
	c := newStreaming(t, 2*time.Hour)
	for h := range 3 {
		require.NoError(t, c.mint(h+1, 1000))
	}
	require.NoError(t, c.mint(4, 1000))
	require.NoError(t, c.deposit(1_000_003))
	for i := range 120 {
		c.wait(time.Minute)
		from := i%3 + 1
		n := c.bank.GetBalance(c.ctx, holder(from), share).Amount.Int64()
		require.NoError(t, c.send(from, (i+1)%3+1, n))
	}
	require.Equal(t, int64(250_000), c.claims(t, 4)[0])
	got := c.claims(t, 1, 2, 3)
	sum := got[0] + got[1] + got[2]
	require.LessOrEqual(t, sum, int64(750_002))
	require.GreaterOrEqual(t, sum, int64(750_000))
}

// 2,000 transfers of one share to fresh accounts: each costs the same gas, and rounding pays nobody too much.
func TestDustTransfers(t *testing.T) {
	const n = 2000
	c := newStreaming(t, day)
	require.NoError(t, c.mint(0, 2*n+1))
	require.NoError(t, c.deposit(1_000_003))
	var gas []uint64
	for i := range n {
		c.wait(43 * time.Second)
		c.ctx = c.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		require.NoError(t, c.send(0, i+1, 1))
		gas = append(gas, c.ctx.GasMeter().GasConsumed())
	}
	c.ctx = c.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	least, most := slices.Min(gas), slices.Max(gas)
	t.Logf("a transfer of one share cost %d to %d gas", least, most)
	require.Less(t, most-least, least/10)
	c.wait(day)
	require.NoError(t, c.k.CheckInvariants(c.ctx))
	total := int64(0)
	for i := range n + 1 {
		paid, err := c.claim(i)
		require.NoError(t, err)
		total += paid
	}
	require.NoError(t, c.k.CheckInvariants(c.ctx))
	require.LessOrEqual(t, total, int64(1_000_003))
	require.Greater(t, total, int64(1_000_003-n-1))
}

func TestSharesStayOutOfModuleAccounts(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.mint(1, 5))
	for _, m := range []string{govtypes.ModuleName, types.ModuleName, "mint"} {
		to := authtypes.NewModuleAddress(m)
		require.ErrorIs(t, c.bank.SendCoins(c.ctx, holder(1), to, coins(1, share)), types.ErrModuleAccount)
		require.ErrorIs(t, c.bank.SendCoinsFromAccountToModule(c.ctx, holder(1), m, coins(1, share)), types.ErrModuleAccount)
		require.ErrorIs(t, c.bank.InputOutputCoins(c.ctx, banktypes.NewInput(holder(1), coins(1, share)),
			[]banktypes.Output{banktypes.NewOutput(to, coins(1, share))}), types.ErrModuleAccount)
	}
	require.ErrorIs(t, c.send(1, 2, 6), types.ErrShort)
	require.Error(t, types.RefuseShares("bond denom", share))
	require.NoError(t, types.RefuseShares("bond denom", revenue))
}

// One send carries shares of two models and the chain's coin: both positions move.
func TestSendOfSeveralCoins(t *testing.T) {
	c := newStreaming(t, day)
	require.NoError(t, c.k.RegisterPool(c.ctx, "other", types.MaxSupply))
	_, err := c.k.Mint(c.ctx, "other", holder(1), types.MaxSupply)
	require.NoError(t, err)
	require.NoError(t, c.mint(1, 10))
	c.fund(t, holder(1), coins(7, revenue))
	require.NoError(t, c.deposit(1000))
	c.wait(12 * time.Hour)
	require.NoError(t, c.bank.SendCoins(c.ctx, holder(1), holder(2),
		sdk.NewCoins(sdk.NewInt64Coin(share, 4), sdk.NewInt64Coin("share/other", 99), sdk.NewInt64Coin(revenue, 7))))
	c.wait(day)
	require.Equal(t, []int64{800, 200}, c.claims(t, 1, 2))
	// The whole send is refused when one of its coins is.
	require.ErrorIs(t, c.bank.SendCoins(c.ctx, holder(1), holder(2),
		sdk.NewCoins(sdk.NewInt64Coin(share, 7), sdk.NewInt64Coin("share/other", 1))), types.ErrShort)
}

func TestMultiSendAndSendToSelfKeepPositions(t *testing.T) {
	c := newStreaming(t, day)
	require.NoError(t, c.mint(1, 10))
	require.NoError(t, c.deposit(100))
	c.wait(day)
	require.NoError(t, c.bank.InputOutputCoins(c.ctx, banktypes.NewInput(holder(1), coins(9, share)),
		[]banktypes.Output{banktypes.NewOutput(holder(2), coins(4, share)), banktypes.NewOutput(holder(3), coins(5, share))}))
	require.NoError(t, c.deposit(100))
	for range 24 {
		c.wait(time.Hour)
		require.NoError(t, c.send(3, 3, 5))
	}
	// What a release cannot divide goes into the next one: 24 releases lose nothing.
	require.Equal(t, []int64{110, 40, 50}, c.claims(t, 1, 2, 3))
	require.NoError(t, c.deposit(100))
	c.wait(day)
	require.Equal(t, []int64{10, 40, 50}, c.claims(t, 1, 2, 3))
}
