package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/worker/types"
)

// InitGenesis loads the module's state. x/bank must be loaded before: the module account must hold all bonds and slashes.
func (k Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if gs.Time != nil {
		gs.Shift(sdk.UnwrapSDKContext(ctx).BlockTime().Sub(*gs.Time))
	}
	// The account's number depends on when it is made: it is made now, so that an exported chain continues alike.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	for _, w := range gs.Workers {
		if err := k.initWorker(ctx, w); err != nil {
			return err
		}
	}
	for _, e := range gs.Bonds {
		if err := k.initBond(ctx, e); err != nil {
			return err
		}
	}
	for _, p := range gs.Penalties {
		addr, err := sdk.AccAddressFromBech32(p.Worker)
		if err != nil {
			return err
		}
		if err := k.setPenalty(ctx, collections.Join3(p.Run, p.Round, addr), p); err != nil {
			return err
		}
	}
	for _, c := range gs.Burned {
		if err := k.burned.Set(ctx, c.Denom, c.Amount); err != nil {
			return err
		}
	}
	if err := k.CheckInvariants(ctx); err != nil {
		return types.ErrGenesis.Wrap(err.Error())
	}
	return nil
}

func (k Keeper) initWorker(ctx context.Context, w types.Worker) error {
	addr, err := sdk.AccAddressFromBech32(w.Address)
	if err != nil {
		return err
	}
	if err := k.workers.Set(ctx, addr, w); err != nil {
		return err
	}
	if err := k.peers.Set(ctx, w.PeerId, addr); err != nil || w.Validator == "" {
		return err
	}
	op, err := sdk.ValAddressFromBech32(w.Validator)
	if err != nil {
		return err
	}
	return k.validators.Set(ctx, op, addr)
}

func (k Keeper) initBond(ctx context.Context, e types.BondEntry) error {
	addr, err := sdk.AccAddressFromBech32(e.Worker)
	if err != nil {
		return err
	}
	if err := k.bonds.Set(ctx, collections.Join(addr, e.Run), e.Bond); err != nil || e.Bond.UnlockAt == nil {
		return err
	}
	return k.unlocks.Set(ctx, collections.Join3(*e.Bond.UnlockAt, addr, e.Run))
}

// ExportGenesis dumps the module's state.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().UTC()
	gs := &types.GenesisState{Time: &now}
	if err := k.workers.Walk(ctx, nil, func(_ sdk.AccAddress, w types.Worker) (bool, error) {
		gs.Workers = append(gs.Workers, w)
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := k.bonds.Walk(ctx, nil, func(key bondKey, b types.Bond) (bool, error) {
		gs.Bonds = append(gs.Bonds, types.BondEntry{Worker: key.K1().String(), Run: key.K2(), Bond: b})
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := k.penalties.Walk(ctx, nil, func(_ penaltyKey, p types.Penalty) (bool, error) {
		gs.Penalties = append(gs.Penalties, p)
		return false, nil
	}); err != nil {
		return nil, err
	}
	var err error
	gs.Burned, err = k.allBurned(ctx)
	return gs, err
}
