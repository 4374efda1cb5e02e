package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/x/model/types"
)

// fund adds a payment to the ledger.
func (k Keeper) fund(ctx context.Context, model string, funder sdk.AccAddress, amount math.Int, owner string) error {
	t, err := k.treasuries.Get(ctx, model)
	if err != nil {
		return err
	}
	key := collections.Join(model, funder)
	f, err := k.funders.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		if t.Funders >= types.MaxFunders && funder.String() != owner {
			return types.ErrTooMany.Wrapf("%s has %d funders", model, t.Funders)
		}
		t.Funders++
		f, err = types.NewFunding(), nil
	}
	if err != nil {
		return err
	}
	f.Contributed, t.Contributed = f.Contributed.Add(amount), t.Contributed.Add(amount)
	if err := k.funders.Set(ctx, key, f); err != nil {
		return err
	}
	return k.treasuries.Set(ctx, model, t)
}

// Debit moves a run's budget to another module: a part from the model's treasury, from each funder in proportion to what it has left, and
// a part from the community pool. Either may be zero. It uses up the owner's approvals: whoever wants another run must be approved again.
func (k Keeper) Debit(ctx context.Context, model string, treasury, community math.Int, toModule string) error {
	if _, err := k.model(ctx, model); err != nil {
		return err
	}
	if err := k.approvals.Clear(ctx, collections.NewPrefixedPairRange[string, []byte](model)); err != nil {
		return err
	}
	if err := k.fromCommunity(ctx, model, community, toModule); err != nil || treasury.IsZero() {
		return err
	}
	if err := k.change(ctx, model, treasury, (*types.Treasury).Draw); err != nil {
		return err
	}
	c, err := k.coins(ctx, treasury)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, toModule, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Drawn: c.String()})
}

// Refund moves what a run did not spend back to where it came from: to each funder in proportion to what the run took from it, and to the
// community pool.
func (k Keeper) Refund(ctx context.Context, model string, treasury, community math.Int, fromModule string) error {
	if err := k.toCommunity(ctx, model, community, fromModule); err != nil || treasury.IsZero() {
		return err
	}
	if err := k.change(ctx, model, treasury, (*types.Treasury).Return); err != nil {
		return err
	}
	c, err := k.coins(ctx, treasury)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToModule(ctx, fromModule, types.ModuleName, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Refunded: c.String()})
}

// transit is an ordinary address through which coins of the community pool pass: x/distribution pays accounts, and x/bank lets nobody pay a
// module's. It is empty before and after.
var transit = sdk.AccAddress(address.Module(types.ModuleName, []byte("community")))

func (k Keeper) fromCommunity(ctx context.Context, model string, amount math.Int, toModule string) error {
	c, err := k.coins(ctx, amount)
	if err != nil || c.Empty() {
		return err
	}
	if err := k.community.DistributeFromFeePool(ctx, c, transit); err != nil {
		return types.ErrTreasury.Wrapf("community pool, %s wanted: %s", c, err)
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, transit, toModule, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Drawn: c.String(), Community: true})
}

func (k Keeper) toCommunity(ctx context.Context, model string, amount math.Int, fromModule string) error {
	c, err := k.coins(ctx, amount)
	if err != nil || c.Empty() {
		return err
	}
	if err := k.community.FundCommunityPool(ctx, c, authtypes.NewModuleAddress(fromModule)); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Refunded: c.String(), Community: true})
}

// change applies a rule to a treasury and all its funders, of which there are at most MaxFunders and the owner.
func (k Keeper) change(ctx context.Context, model string, amount math.Int,
	rule func(*types.Treasury, math.Int, []*types.Funding) error) error {
	t, err := k.treasuries.Get(ctx, model)
	if errors.Is(err, collections.ErrNotFound) {
		return types.ErrNoModel.Wrap(model)
	}
	if err != nil {
		return err
	}
	if amount.IsNil() || !amount.IsPositive() {
		return types.ErrInvalid.Wrapf("amount %s", amount)
	}
	var keys []collections.Pair[string, sdk.AccAddress]
	var funders []*types.Funding
	if err := k.funders.Walk(ctx, collections.NewPrefixedPairRange[string, sdk.AccAddress](model),
		func(key collections.Pair[string, sdk.AccAddress], f types.Funding) (bool, error) {
			keys, funders = append(keys, key), append(funders, &f)
			return false, nil
		}); err != nil {
		return err
	}
	if err := rule(&t, amount, funders); err != nil {
		return err
	}
	for i, key := range keys {
		if err := k.funders.Set(ctx, key, *funders[i]); err != nil {
			return err
		}
	}
	return k.treasuries.Set(ctx, model, t)
}

func (k Keeper) coins(ctx context.Context, amount math.Int) (sdk.Coins, error) {
	if amount.IsNil() || amount.IsNegative() {
		return nil, types.ErrInvalid.Wrapf("amount %s", amount)
	}
	p, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return sdk.NewCoins(sdk.NewCoin(p.MinFunding.Denom, amount)), nil
}
