package keeper_test

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/x/model/types"
)

func TestDrawAndReturn(t *testing.T) {
	c := newChain(t)
	require.ErrorIs(t, c.k.Debit(c.ctx, name, math.NewInt(1), math.ZeroInt(), escrow), types.ErrTreasury)
	require.ErrorIs(t, c.k.Debit(c.ctx, "absent", math.NewInt(1), math.ZeroInt(), escrow), types.ErrNoModel)
	for i, n := range []int64{0, 10, 20, 30} {
		if n > 0 {
			require.NoError(t, c.fund(i, n))
		}
	}
	want := func(step string, drawn ...int64) {
		for i, d := range drawn {
			_, got := c.funding(t, i+1)
			require.Equal(t, d, got, "%s: funder %d", step, i+1)
		}
	}
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 1))
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(31), math.ZeroInt(), escrow)) // 5.17, 10.33, 15.50
	want("drawn", 5, 10, 16)
	require.NoError(t, c.k.Refund(c.ctx, name, math.NewInt(10), math.ZeroInt(), escrow)) // 1.61, 3.23, 5.16
	want("given back", 3, 7, 11)
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 0))
	require.NoError(t, c.k.Refund(c.ctx, name, math.NewInt(1), math.ZeroInt(), escrow)) // late, but of the same run
	want("given back late", 3, 7, 10)

	// A second run, funded by one account only, gives back to that account only.
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(40), math.ZeroInt(), escrow))
	want("all drawn", 10, 20, 30)
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 2))
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 0))
	require.NoError(t, c.fund(4, 50))
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(50), math.ZeroInt(), escrow))
	require.ErrorIs(t, c.k.Refund(c.ctx, name, math.NewInt(51), math.ZeroInt(), escrow), types.ErrRefund)
	require.NoError(t, c.k.Refund(c.ctx, name, math.NewInt(50), math.ZeroInt(), escrow))
	want("third run", 10, 20, 30, 0)
	require.NoError(t, c.k.Refund(c.ctx, name, math.ZeroInt(), math.ZeroInt(), escrow), "nothing was left")
	require.ErrorIs(t, c.k.Refund(c.ctx, name, math.ZeroInt(), math.NewInt(-1), escrow), types.ErrInvalid)
}

func TestDebitUsesApprovalsUp(t *testing.T) {
	c := newChain(t)
	spec := named(9)
	_, err := c.msg.ApproveRun(c.ctx, &types.MsgApproveRun{Owner: account(0).String(), Model: name, Spec: spec.Text()})
	require.NoError(t, err)
	require.NoError(t, c.fund(1, 10))
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(5), math.ZeroInt(), escrow))
	ok, err := c.k.Approved(c.ctx, name, spec)
	require.NoError(t, err)
	require.False(t, ok)
}

// Whatever is paid in, drawn and given back: the module account holds the treasury, the treasury is the sum of its funders, and nobody
// is drawn below zero or beyond what was paid.
func TestTreasuryConserves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newChain(t)
		var run uint64
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			n := math.NewInt(rapid.Int64Range(1, 1000).Draw(rt, "n"))
			switch rapid.IntRange(0, 4).Draw(rt, "op") {
			case 0, 1:
				require.NoError(rt, c.fund(rapid.IntRange(1, 5).Draw(rt, "funder"), n.Int64()))
			case 2:
				if err := c.k.Debit(c.ctx, name, n, math.ZeroInt(), escrow); err != nil {
					require.ErrorIs(rt, err, types.ErrTreasury)
				}
			case 3:
				if err := c.k.Refund(c.ctx, name, n, math.ZeroInt(), escrow); err != nil {
					require.ErrorIs(rt, err, types.ErrRefund)
				}
			case 4:
				run++
				require.NoError(rt, c.k.SetOpenRun(c.ctx, name, 0))
				require.NoError(rt, c.k.SetOpenRun(c.ctx, name, run))
			}
			gs, err := c.k.ExportGenesis(c.ctx)
			require.NoError(rt, err)
			require.NoError(rt, gs.Validate())
			held := c.bank.GetBalance(c.ctx, authtypes.NewModuleAddress(types.ModuleName), "stake").Amount
			total, err := c.k.TreasuryTotal(c.ctx)
			require.NoError(rt, err)
			require.Equal(rt, held, total)
		}
	})
}

func TestApportion(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		weights := []math.Int{}
		total := int64(0)
		for _, w := range rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 9).Draw(rt, "weights") {
			weights, total = append(weights, math.NewInt(w)), total+w
		}
		if total == 0 {
			return
		}
		amount := rapid.Int64Range(0, total).Draw(rt, "amount")
		left := amount
		for i, p := range types.Apportion(math.NewInt(amount), weights) {
			require.True(rt, p.LTE(weights[i]) && !p.IsNegative())
			left -= p.Int64()
		}
		require.Zero(rt, left)
	})
}
