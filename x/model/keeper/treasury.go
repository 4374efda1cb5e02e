package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

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

// Debit moves money from a model's treasury to another module: from each funder in proportion to what it has left. It uses up the
// owner's approvals: whoever wants another run must be approved again.
func (k Keeper) Debit(ctx context.Context, model string, amount math.Int, toModule string) error {
	if err := k.change(ctx, model, amount, (*types.Treasury).Draw); err != nil {
		return err
	}
	if err := k.approvals.Clear(ctx, collections.NewPrefixedPairRange[string, []byte](model)); err != nil {
		return err
	}
	c, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, toModule, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Drawn: c.String()})
}

// Refund moves what a run did not spend back: to each funder in proportion to what the run took from it.
func (k Keeper) Refund(ctx context.Context, model string, amount math.Int, fromModule string) error {
	if err := k.change(ctx, model, amount, (*types.Treasury).Return); err != nil {
		return err
	}
	c, err := k.coins(ctx, amount)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToModule(ctx, fromModule, types.ModuleName, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTreasury{Model: model, Refunded: c.String()})
}

// change applies a rule to a treasury and all its funders, of which there are at most MaxFunders and the owner.
func (k Keeper) change(ctx context.Context, model string, amount math.Int, rule func(*types.Treasury, math.Int, []*types.Funding) error) error {
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
	p, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return sdk.NewCoins(sdk.NewCoin(p.MinFunding.Denom, amount)), nil
}
