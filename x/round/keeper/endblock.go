package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/types"
)

// EndBlock moves on the runs that were touched in the block or are due, in the
// order of their deadlines, a bounded number of them: the rest is first in the
// next block.
func (k Keeper) EndBlock(ctx context.Context) error {
	due, err := k.due(ctx)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := k.advanceOrSetAside(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// due lists runs in (deadline, run) order.
func (k Keeper) due(ctx context.Context) ([]uint64, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	var due []uint64
	until := collections.NewPrefixUntilPairRange[time.Time, uint64](now(ctx))
	err = k.deadlines.Walk(ctx, until, func(key wakeKey) (bool, error) {
		due = append(due, key.K2())
		return len(due) >= int(params.MaxAdvances), nil
	})
	return due, err
}

// advanceOrSetAside advances a run as a whole or not at all. What another
// module refuses must not stop the chain, and must not be passed over: the run
// is set aside with the reason until governance resumes or cancels it.
func (k Keeper) advanceOrSetAside(ctx context.Context, id uint64) error {
	cached, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	fault := k.advance(cached, id)
	if fault == nil {
		write()
		return nil
	}
	run, err := k.run(ctx, id)
	if err != nil {
		return err
	}
	run.Fault = fault.Error()
	if err := k.setWake(ctx, &run, time.Time{}); err != nil {
		return err
	}
	if err := k.runs.Set(ctx, id, run); err != nil {
		return err
	}
	return emit(ctx, &types.EventFault{Run: id, Why: run.Fault})
}

func (k Keeper) advance(ctx context.Context, id uint64) error {
	s, err := k.begin(ctx, id)
	if err != nil {
		return err
	}
	if err := k.live(ctx, s); err != nil {
		return err
	}
	effects, err := s.Advance(now(ctx), world{ctx, k, s.Run.Spec.Model})
	if err != nil {
		return err
	}
	if err := k.carryOut(ctx, effects); err != nil {
		return err
	}
	s.stored.Fault = ""
	return k.save(ctx, s, s.Wake(now(ctx)))
}
