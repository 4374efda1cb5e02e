package localnet

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// conserved checks, in the state after every block of the chain, that each module's account holds what its books say
// and that the run's budget is in its escrow, paid or refunded.
func (n *Net) conserved(t *testing.T, s *protocol.State) {
	t.Helper()
	for h := int64(1); h <= n.Height(0); h++ {
		n.conservedAt(t, h)
	}
	e := s.Run.Escrow
	require.Equal(t, s.Run.Spec.Budget, e.Free+e.Reserved+e.Owed+e.Refunded, "%+v", e)
}

func (n *Net) conservedAt(t *testing.T, height int64) {
	t.Helper()
	a := n.Nodes[0].App
	ctx, err := a.CreateQueryContext(height, false)
	require.NoError(t, err)
	held := func(module string) sdk.Coins { return a.Bank.GetAllBalances(ctx, authtypes.NewModuleAddress(module)) }

	treasuries, err := a.Model.TreasuryTotal(ctx)
	require.NoError(t, err)
	require.Equal(t, treasuries, held(modeltypes.ModuleName).AmountOf(app.BondDenom), "treasuries at height %d", height)
	bonds, err := a.Worker.Held(ctx)
	require.NoError(t, err)
	require.True(t, bonds.Equal(held(workertypes.ModuleName)), "bonds and slashes %s at height %d", bonds, height)
	revenue, err := a.Share.Revenue(ctx)
	require.NoError(t, err)
	require.True(t, revenue.Equal(held(sharetypes.ModuleName)), "revenue %s at height %d", revenue, height)
	require.NoError(t, a.Round.CheckMoney(ctx), "height %d", height)
	owned := held(roundtypes.ModuleName)
	require.True(t, owned.Empty() || owned.DenomsSubsetOf(sdk.NewCoins(Coins(1))), "x/round holds %s at height %d", owned, height)
	shares, err := a.Share.ExportGenesis(ctx)
	require.NoError(t, err)
	require.NoError(t, shares.Validate(), "height %d", height)
}
