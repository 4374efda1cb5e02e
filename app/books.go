package app

import (
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// Entry is one line of the books: what a module account holds coins for.
type Entry struct {
	Module string
	What   string
	Coins  sdk.Coins
}

// Books are everything that Weft's module accounts hold coins for.
func (a *App) Books(ctx sdk.Context) ([]Entry, error) {
	treasuries, err1 := a.Model.TreasuryTotal(ctx)
	round, err2 := a.Round.Books(ctx)
	bonds, err3 := a.Worker.Held(ctx)
	revenue, err4 := a.Share.Revenue(ctx)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	own := func(n math.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(BondDenom, n)) }
	return []Entry{
		{modeltypes.ModuleName, "treasuries", own(treasuries)},
		{roundtypes.ModuleName, "escrows, free", own(round.Free)},
		{roundtypes.ModuleName, "escrows, reserved and held", own(round.Reserved)},
		{roundtypes.ModuleName, "pay owed", own(round.Owed)},
		{roundtypes.ModuleName, "deposits of disputes", own(round.Deposits)},
		{workertypes.ModuleName, "bonds and pending slashes", bonds},
		{sharetypes.ModuleName, "revenue not claimed", revenue},
	}, nil
}

// CheckBooks checks every module's invariants, and that every module account holds exactly what the books say: nobody can
// send coins to one, so a difference either way is a fault.
func (a *App) CheckBooks(ctx sdk.Context) ([]Entry, error) {
	entries, err := a.Books(ctx)
	if err != nil {
		return nil, err
	}
	errs := []error{a.Model.CheckInvariants(ctx), a.Worker.CheckInvariants(ctx), a.Round.CheckInvariants(ctx), a.Share.CheckInvariants(ctx)}
	sums := map[string]sdk.Coins{}
	for _, e := range entries {
		sums[e.Module] = sums[e.Module].Add(e.Coins...)
	}
	for _, module := range []string{modeltypes.ModuleName, roundtypes.ModuleName, workertypes.ModuleName, sharetypes.ModuleName} {
		if held := a.Bank.GetAllBalances(ctx, authtypes.NewModuleAddress(module)); !held.Equal(sums[module]) {
			errs = append(errs, fmt.Errorf("x/%s holds %s, its books say %s", module, held, sums[module]))
		}
	}
	return entries, errors.Join(errs...)
}
