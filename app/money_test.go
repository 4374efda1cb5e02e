package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// conserved checks that every module account holds exactly what the module's books say: treasuries, bonds, escrows with what is owed,
// and the revenue of shares.
func conserved(t *testing.T, a *app.App) {
	t.Helper()
	ctx, err := a.CreateQueryContext(0, false)
	require.NoError(t, err)
	held := func(module string) sdk.Coins { return a.Bank.GetAllBalances(ctx, authtypes.NewModuleAddress(module)) }

	treasuries, err := a.Model.TreasuryTotal(ctx)
	require.NoError(t, err)
	require.Equal(t, treasuries, held(modeltypes.ModuleName).AmountOf(app.BondDenom))
	bonds, err := a.Worker.Held(ctx)
	require.NoError(t, err)
	require.True(t, bonds.Equal(held(workertypes.ModuleName)), "bonds %s", bonds)
	revenue, err := a.Share.Revenue(ctx)
	require.NoError(t, err)
	require.True(t, revenue.Equal(held(sharetypes.ModuleName)), "revenue %s", revenue)
	require.NoError(t, a.Round.CheckMoney(ctx))
	require.NoError(t, a.Worker.CheckInvariants(ctx))
	require.NoError(t, a.Model.CheckInvariants(ctx))
	owned := held(roundtypes.ModuleName)
	require.True(t, owned.Empty() || owned.DenomsSubsetOf(sdk.NewCoins(coin(1))), "x/round holds %s", owned)

	shares, err := a.Share.ExportGenesis(ctx)
	require.NoError(t, err)
	require.NoError(t, shares.Validate())
}
