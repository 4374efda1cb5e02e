package keeper_test

import (
	"context"
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// free lets through what the module's restriction would settle: it plays a bug that moves shares without it.
func (c *chain) free(t *testing.T, do func() error) {
	c.bank.ClearSendRestriction()
	require.NoError(t, do())
	c.bank.AppendSendRestriction(func(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) (sdk.AccAddress, error) {
		return c.k.SendRestriction(ctx, from, to, amt)
	})
}

// Each way in which the books could be wrong is found and named.
func TestInvariantsNameWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(c *chain)
		want []string
	}{
		"nothing": {func(*chain) {}, nil},
		"shares moved past the restriction": {func(c *chain) {
			c.free(t, func() error { return c.send(2, 1, 1) })
		}, []string{holder(1).String(), "position of 2", "balance of 3share/gsm8k-tiny"}},
		"shares minted past the pool": {func(c *chain) {
			c.free(t, func() error {
				if err := c.bank.MintCoins(c.ctx, "mint", coins(1, share)); err != nil {
					return err
				}
				return c.bank.SendCoinsFromModuleToAccount(c.ctx, "mint", holder(1), coins(1, share))
			})
		}, []string{"pool gsm8k-tiny counts 7 shares, the bank 8"}},
		"shares without a pool": {func(c *chain) {
			c.free(t, func() error { return c.bank.MintCoins(c.ctx, "mint", coins(1, "share/none")) })
		}, []string{"position of 0", "balance of 1share/none"}},
		"balance gone": {func(c *chain) {
			c.free(t, func() error { return c.send(1, 5, 2) })
		}, []string{"position of", "balance"}},
		"balance forgotten": {func(c *chain) {
			require.NoError(t, c.bank.UncheckedSetBalance(c.ctx, holder(1), sdk.NewCoin(share, math.ZeroInt())))
		}, []string{holder(1).String(), "position of 2 in gsm8k-tiny and no balance"}},
		"revenue gone": {func(c *chain) { c.drain(t, 1) }, []string{"pools have not paid out", revenue}},
	} {
		t.Run(name, func(t *testing.T) {
			c := midStream(t)
			require.NoError(t, c.k.CheckInvariants(c.ctx))
			tc.do(c)
			err := c.k.CheckInvariants(c.ctx)
			if tc.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrBooks)
			for _, w := range tc.want {
				require.ErrorContains(t, err, w)
			}
		})
	}
}

// Money that somebody sends to the module account is nobody's, and breaks nothing.
func TestInvariantsAllowGifts(t *testing.T) {
	c := midStream(t)
	require.NoError(t, c.bank.SendCoinsFromAccountToModule(c.ctx, payer, types.ModuleName, coins(5, revenue)))
	require.NoError(t, c.k.CheckInvariants(c.ctx))
}

// No amount makes a transaction panic; what does not fit is refused, saying what would.
func TestHugeDeposits(t *testing.T) {
	c := newStreaming(t, 30*day)
	require.NoError(t, c.mint(1, 3))
	top := power(255).SubRaw(1).Add(power(255)) // 2^256 - 1
	c.fund(t, payer, sdk.NewCoins(sdk.NewCoin(revenue, power(200))))
	pay := func(n math.Int) error {
		_, err := c.msg.Deposit(c.ctx, &types.MsgDeposit{Depositor: payer.String(), Model: model, Amount: sdk.Coin{Denom: revenue, Amount: n}})
		return err
	}
	for _, n := range []math.Int{top, power(255), power(255).SubRaw(1), power(192), power(128).AddRaw(1)} {
		require.ErrorIs(t, pay(n), types.ErrTooMuch)
		require.ErrorContains(t, pay(n), "room for "+power(128).String()+"stake: deposit at most that")
	}
	require.ErrorIs(t, pay(math.Int{}), types.ErrInvalid)
	require.NoError(t, pay(math.NewInt(5)))
	require.ErrorIs(t, pay(power(128)), types.ErrTooMuch)
	require.ErrorIs(t, pay(top), types.ErrTooMuch)
	require.NoError(t, pay(power(128).SubRaw(5)))
	require.ErrorIs(t, pay(math.OneInt()), types.ErrTooMuch)
	for range 70 {
		c.wait(11*time.Hour + 1)
		require.NoError(t, c.k.CheckInvariants(c.ctx))
		_, err := c.msg.Claim(c.ctx, &types.MsgClaim{Holder: holder(1).String(), Model: model})
		require.NoError(t, err)
	}
	require.NoError(t, c.k.CheckInvariants(c.ctx))
	// One stream is full; the pool of another model is not.
	require.NoError(t, c.k.RegisterPool(c.ctx, "other", math.NewInt(10)))
	_, err := c.k.Mint(c.ctx, "other", holder(1), top)
	require.NoError(t, err)
	_, err = c.msg.Deposit(c.ctx, &types.MsgDeposit{Depositor: payer.String(), Model: "other", Amount: sdk.NewCoin(revenue, power(128))})
	require.NoError(t, err)
	for _, n := range []math.Int{top, power(255)} {
		require.Error(t, c.bank.SendCoins(c.ctx, holder(1), holder(2), sdk.NewCoins(sdk.NewCoin(share, n))))
		require.Error(t, c.bank.SendCoins(c.ctx, holder(1), holder(1), sdk.NewCoins(sdk.NewCoin(share, n))))
	}
	require.NoError(t, c.k.CheckInvariants(c.ctx))
}

// power returns 2^n.
func power(n int) math.Int {
	v := math.OneInt()
	for range n {
		v = v.MulRaw(2)
	}
	return v
}
