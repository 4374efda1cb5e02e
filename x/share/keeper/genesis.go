package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// InitGenesis loads the module's state and refuses it when x/bank, which must be loaded before, disagrees.
func (k Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	// The account's number depends on when it is made: it is made now, so that an exported chain continues alike.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, p := range gs.Pools {
		if have := k.bank.GetSupply(ctx, types.DenomPrefix+p.Model).Amount; !have.Equal(p.Supply) {
			return types.ErrGenesis.Wrapf("pool %s counts %s shares, the bank %s", p.Model, p.Supply, have)
		}
		if err := k.pools.Set(ctx, p.Model, p); err != nil {
			return err
		}
	}
	for _, hp := range gs.Positions {
		if err := k.initPosition(ctx, hp); err != nil {
			return err
		}
	}
	return k.checkRevenue(ctx)
}

func (k Keeper) checkRevenue(ctx context.Context) error {
	total, err := k.Revenue(ctx)
	if err != nil {
		return err
	}
	for _, c := range total {
		if have := k.bank.GetBalance(ctx, k.self, c.Denom); have.IsLT(c) {
			return types.ErrGenesis.Wrapf("pools hold %s, the module account %s", c, have)
		}
	}
	return nil
}

func (k Keeper) initPosition(ctx context.Context, hp types.HolderPosition) error {
	holder, err := sdk.AccAddressFromBech32(hp.Holder)
	if err != nil {
		return err
	}
	if have := k.bank.GetBalance(ctx, holder, types.DenomPrefix+hp.Model).Amount; !have.Equal(hp.Position.Shares) {
		return types.ErrGenesis.Wrapf("%s has a position of %s and a balance of %s in %s", hp.Holder, hp.Position.Shares, have, hp.Model)
	}
	return k.positions.Set(ctx, collections.Join(holder, hp.Model), hp.Position)
}

// ExportGenesis dumps the module's state.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	gs := &types.GenesisState{}
	var err error
	if gs.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if err := k.pools.Walk(ctx, nil, func(_ string, p types.Pool) (bool, error) {
		gs.Pools = append(gs.Pools, p)
		return false, nil
	}); err != nil {
		return nil, err
	}
	err = k.positions.Walk(ctx, nil, func(key collections.Pair[sdk.AccAddress, string], pos types.Position) (bool, error) {
		gs.Positions = append(gs.Positions, types.HolderPosition{Holder: key.K1().String(), Model: key.K2(), Position: pos})
		return false, nil
	})
	return gs, err
}
