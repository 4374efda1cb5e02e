package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// RunModel returns what a run needs to know of a model.
func (k Keeper) RunModel(ctx context.Context, name string) (protocol.ModelInfo, error) {
	m, err := k.model(ctx, name)
	if err != nil {
		return protocol.ModelInfo{}, err
	}
	info := protocol.ModelInfo{Name: m.Name, Owner: protocol.Account(m.Owner), MaxShares: m.MaxShares}
	if info.Base, err = digest.Parse(m.Base); err != nil {
		return info, err
	}
	if info.Head, err = digest.Parse(m.Head); err != nil {
		return info, err
	}
	left, err := k.shares.Left(ctx, name)
	if err != nil {
		return info, err
	}
	info.SharesLeft = left.Uint64() // x/share keeps it within max_shares
	return info, nil
}

// Approved reports whether the owner approved a run of this spec, and no run has used the approval.
func (k Keeper) Approved(ctx context.Context, model string, spec digest.Digest) (bool, error) {
	return k.approvals.Has(ctx, collections.Join(model, spec[:]))
}

// SetOpenRun records the run that trains a model; 0 means that none does any more.
func (k Keeper) SetOpenRun(ctx context.Context, model string, run uint64) error {
	m, err := k.model(ctx, model)
	if err != nil {
		return err
	}
	if run != 0 && m.OpenRun != 0 && m.OpenRun != run {
		return types.ErrRunOpen.Wrapf("%s: run %d", model, m.OpenRun)
	}
	if run == 0 {
		t, err := k.treasuries.Get(ctx, model)
		if err != nil {
			return err
		}
		t.RunOver = true
		if err := k.treasuries.Set(ctx, model, t); err != nil {
			return err
		}
	}
	m.OpenRun = run
	return k.models.Set(ctx, model, m)
}
