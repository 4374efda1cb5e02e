package localnet

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// movesShares lets a lender pass all its shares to the borrower for the blocks around a deposit. Revenue streams over a day,
// so the borrower has earned the part of those seconds when the shares go back, it earns no more later, and nobody else
// loses anything: together the two have what the lender alone would have had.
func (n *Net) movesShares(t *testing.T, ctx context.Context, lender, borrower network.Account) {
	t.Helper()
	const deposit = 100_000_000
	shares := n.shares(t, ctx, lender)
	move := func(from, to network.Account) {
		_, err := n.Send(ctx, from, &banktypes.MsgSend{FromAddress: from.String(), ToAddress: to.String(), Amount: sdk.NewCoins(shares)})
		require.NoError(t, err)
	}
	move(lender, borrower)
	_, err := n.Send(ctx, Owner, &sharetypes.MsgDeposit{Depositor: Owner.String(), Model: n.Opts.Name, Amount: Coins(deposit)})
	require.NoError(t, err)
	move(borrower, lender)
	gain := n.claimable(t, ctx, borrower)
	aDay := math.NewInt(deposit).Mul(shares.Amount).Quo(math.NewIntFromUint64(n.supply(t, ctx)))
	require.Less(t, gain.Int64(), aDay.QuoRaw(24*60).Int64(), "a few blocks earned more than a minute's part of %s", aDay)
	for range 3 {
		_, err := n.Send(ctx, Owner, &sharetypes.MsgDeposit{Depositor: Owner.String(), Model: n.Opts.Name, Amount: Coins(deposit)})
		require.NoError(t, err)
	}
	require.Equal(t, gain, n.claimable(t, ctx, borrower), "without shares it earns nothing")
	require.True(t, n.claimable(t, ctx, lender).IsPositive())
	n.conservedAt(t, n.Height(0))
}

// shares are an account's of the model.
func (n *Net) shares(t *testing.T, ctx context.Context, a network.Account) sdk.Coin {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := banktypes.NewQueryClient(cc).Balance(ctx, &banktypes.QueryBalanceRequest{Address: a.String(), Denom: "share/" + n.Opts.Name})
	require.NoError(t, err)
	return *r.Balance
}

// claimable is what a holder may claim of the model's revenue, in uweft.
func (n *Net) claimable(t *testing.T, ctx context.Context, a network.Account) math.Int {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := sharetypes.NewQueryClient(cc).Position(ctx, &sharetypes.QueryPositionRequest{Model: n.Opts.Name, Holder: a.String()})
	require.NoError(t, err)
	return sdk.NewCoins(r.View.Claimable...).AmountOf(app.BondDenom)
}
