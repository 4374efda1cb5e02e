package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
)

// InitGenesis loads the module's state. x/bank must be loaded before: the module account must hold all treasuries.
func (k Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	// The account's number depends on when it is made: it is made now, so that an exported chain continues alike.
	k.accounts.GetModuleAccount(ctx, types.ModuleName)
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, m := range gs.Models {
		if err := k.models.Set(ctx, m.Name, m); err != nil {
			return err
		}
	}
	for _, c := range gs.Checkpoints {
		d, err := digest.Parse(c.Digest)
		if err != nil {
			return err
		}
		if err := k.checkpoints.Set(ctx, d[:], c); err != nil {
			return err
		}
	}
	for _, a := range gs.Approvals {
		spec, err := digest.Parse(a.Spec)
		if err != nil {
			return err
		}
		if err := k.approvals.Set(ctx, collections.Join(a.Model, spec[:])); err != nil {
			return err
		}
	}
	for _, t := range gs.Taints {
		if err := k.taints.Set(ctx, collections.Join3(t.Model, t.Position, t.Account), t); err != nil {
			return err
		}
	}
	return k.initTreasuries(ctx, gs)
}

func (k Keeper) initTreasuries(ctx context.Context, gs *types.GenesisState) error {
	for _, e := range gs.Treasuries {
		if err := k.treasuries.Set(ctx, e.Model, e.Treasury); err != nil {
			return err
		}
	}
	for _, e := range gs.Funders {
		funder, err := sdk.AccAddressFromBech32(e.Funder)
		if err != nil {
			return err
		}
		if err := k.funders.Set(ctx, collections.Join(e.Model, funder), e.Funding); err != nil {
			return err
		}
	}
	if err := k.checkBalance(ctx); err != nil {
		return types.ErrGenesis.Wrap(err.Error())
	}
	return nil
}

// ExportGenesis dumps the module's state.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	gs := &types.GenesisState{}
	var err error
	if gs.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if err := k.models.Walk(ctx, nil, func(_ string, m types.Model) (bool, error) {
		gs.Models = append(gs.Models, m)
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := k.checkpoints.Walk(ctx, nil, func(_ []byte, c types.Checkpoint) (bool, error) {
		gs.Checkpoints = append(gs.Checkpoints, c)
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := k.approvals.Walk(ctx, nil, func(key collections.Pair[string, []byte]) (bool, error) {
		spec, err := digest.Of(key.K2())
		gs.Approvals = append(gs.Approvals, types.Approval{Model: key.K1(), Spec: spec.String()})
		return err != nil, err
	}); err != nil {
		return nil, err
	}
	if err := k.taints.Walk(ctx, nil, func(_ taintKey, t types.Taint) (bool, error) {
		gs.Taints = append(gs.Taints, t)
		return false, nil
	}); err != nil {
		return nil, err
	}
	return gs, k.exportTreasuries(ctx, gs)
}

func (k Keeper) exportTreasuries(ctx context.Context, gs *types.GenesisState) error {
	if err := k.treasuries.Walk(ctx, nil, func(model string, t types.Treasury) (bool, error) {
		gs.Treasuries = append(gs.Treasuries, types.TreasuryEntry{Model: model, Treasury: t})
		return false, nil
	}); err != nil {
		return err
	}
	return k.funders.Walk(ctx, nil, func(key collections.Pair[string, sdk.AccAddress], f types.Funding) (bool, error) {
		gs.Funders = append(gs.Funders, types.FunderEntry{Model: key.K1(), Funder: key.K2().String(), Funding: f})
		return false, nil
	})
}
