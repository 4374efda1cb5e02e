package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// InitGenesis loads the module's state, with all times moved so that what is left of each stream is what was left at the export. It
// refuses a state that x/bank, which must be loaded before, contradicts.
func (k Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	shift, err := sinceExport(ctx, gs)
	if err != nil {
		return err
	}
	// The account's number depends on when it is made: it is made now, so that an exported chain continues alike.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, p := range gs.Pools {
		if err := k.initPool(ctx, p, shift); err != nil {
			return err
		}
	}
	for _, hp := range gs.Positions {
		holder, err := sdk.AccAddressFromBech32(hp.Holder)
		if err != nil {
			return err
		}
		if err := k.positions.Set(ctx, collections.Join(holder, hp.Model), hp.Position); err != nil {
			return err
		}
	}
	return k.checkBank(ctx, gs)
}

// sinceExport returns the block time less the time of the export; zero when the state has none.
func sinceExport(ctx context.Context, gs *types.GenesisState) (time.Duration, error) {
	if gs.Time == nil {
		return 0, nil
	}
	shift := now(ctx).Sub(*gs.Time)
	if !gs.Time.Add(shift).Equal(now(ctx)) {
		return 0, types.ErrBooks.Wrapf("the export's time %s is too far from the block's %s", gs.Time, now(ctx))
	}
	return shift, nil
}

func (k Keeper) initPool(ctx context.Context, p types.Pool, shift time.Duration) error {
	streams := p.Streams
	p.Streams = make([]types.Stream, len(streams))
	for i, s := range streams {
		if s.Pending.IsPositive() {
			s.Shift(shift)
		}
		p.Streams[i] = s
	}
	return k.pools.Set(ctx, p.Model, p)
}

// ExportGenesis dumps the module's state; it is complete in the middle of any stream.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	at := now(ctx)
	gs := &types.GenesisState{Time: &at}
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
