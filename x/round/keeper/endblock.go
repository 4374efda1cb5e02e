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
	for work := 0; len(due) > 0 && work < maxWork; due = due[1:] {
		read, err := k.advanceOrSetAside(ctx, due[0])
		if err != nil {
			return err
		}
		work += read
	}
	return nil
}

// maxWork bounds the parts, votes and headers that the end of a block reads,
// beyond those of the run that reaches it: a run with many trainers counts for
// more than one with few.
const maxWork = 20_000

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
func (k Keeper) advanceOrSetAside(ctx context.Context, id uint64) (int, error) {
	cached, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	read, fault := k.advance(cached, id)
	if fault == nil {
		write()
		return read, nil
	}
	run, err := k.run(ctx, id)
	if err != nil {
		return 0, err
	}
	run.Fault = fault.Error()
	if err := k.setWake(ctx, &run, time.Time{}); err != nil {
		return 0, err
	}
	if err := k.runs.Set(ctx, id, run); err != nil {
		return 0, err
	}
	return 0, emit(ctx, &types.EventFault{Run: id, Why: run.Fault})
}

// advance moves a run on, and returns how many values it read.
func (k Keeper) advance(ctx context.Context, id uint64) (int, error) {
	s, err := k.begin(ctx, id)
	if err != nil {
		return 0, err
	}
	if err := k.live(ctx, s); err != nil {
		return 0, err
	}
	steps, err := s.Advance(now(ctx), world{ctx, k, s.Run.Spec.Model})
	if err != nil {
		return 0, err
	}
	if err := k.carryOut(ctx, steps); err != nil {
		return 0, err
	}
	s.stored.Fault = ""
	wake := s.Wake(now(ctx))
	next, err := k.prune(ctx, s)
	if err != nil {
		return 0, err
	}
	if wake.IsZero() || !next.IsZero() && next.Before(wake) {
		wake = next
	}
	return len(s.was), k.save(ctx, s, wake)
}
