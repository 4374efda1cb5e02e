package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/worker/types"
)

// finderPart is what a finder gets of a slash: one in so many.
const finderPart = 10

// ExecutePenalties makes the slashes final whose time has come, the earliest first, at most MaxUnlocks.
func (k Keeper) ExecutePenalties(ctx context.Context) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime()
	var due []executionKey
	if err := k.executions.Walk(ctx, nil, func(key executionKey) (bool, error) {
		if key.K1().After(now) {
			return true, nil
		}
		due = append(due, key)
		return len(due) == types.MaxUnlocks, nil
	}); err != nil {
		return err
	}
	for _, key := range due {
		if err := k.execute(ctx, key.K2()); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) execute(ctx context.Context, key penaltyKey) error {
	p, err := k.penalties.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := k.drop(ctx, key, p); err != nil {
		return err
	}
	found, err := k.reward(ctx, p)
	if err != nil {
		return err
	}
	burned := p.Amount.Sub(found)
	if err := k.burn(ctx, burned); err != nil {
		return err
	}
	return emit(ctx, &types.EventSlashExecuted{Worker: p.Worker, Run: p.Run, Round: p.Round, Burned: burned.String(), Found: found.String()})
}

// reward pays the finder its part. One that cannot be paid, such as a module account, must not stop the chain: then all is burnt.
func (k Keeper) reward(ctx context.Context, p types.Penalty) (sdk.Coin, error) {
	part := sdk.NewCoin(p.Amount.Denom, p.Amount.Amount.QuoRaw(finderPart))
	none := sdk.NewCoin(p.Amount.Denom, math.ZeroInt())
	if p.Finder == "" || part.IsZero() {
		return none, nil
	}
	finder, err := sdk.AccAddressFromBech32(p.Finder)
	if err != nil {
		return none, err
	}
	cached, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if k.bank.SendCoinsFromModuleToAccount(cached, types.ModuleName, finder, sdk.NewCoins(part)) != nil {
		return none, nil
	}
	write()
	return part, nil
}

func (k Keeper) burn(ctx context.Context, c sdk.Coin) error {
	if c.IsZero() {
		return nil
	}
	if err := k.bank.BurnCoins(ctx, types.ModuleName, sdk.NewCoins(c)); err != nil {
		return err
	}
	sum, err := k.Burned(ctx, c.Denom)
	if err != nil {
		return err
	}
	return k.burned.Set(ctx, c.Denom, sum.Amount.Add(c.Amount))
}

// SuspendPenalties keeps the slashes of a round from being executed until they are resumed or pardoned. A round has a bounded number of
// trainers, and so of slashes.
func (k Keeper) SuspendPenalties(ctx context.Context, run, round uint64) error {
	return k.requeue(ctx, collections.NewSuperPrefixedTripleRange[uint64, uint64, sdk.AccAddress](run, round), nil)
}

// ResumePenalties executes the suspended slashes of a run at executeAt.
func (k Keeper) ResumePenalties(ctx context.Context, run uint64, executeAt time.Time) error {
	at := executeAt.UTC()
	return k.requeue(ctx, collections.NewPrefixedTripleRange[uint64, uint64, sdk.AccAddress](run), &at)
}

// requeue changes when penalties are executed: those that are queued to never, or those that are not to a time.
func (k Keeper) requeue(ctx context.Context, which collections.Ranger[penaltyKey], at *time.Time) error {
	var keys []penaltyKey
	var list []types.Penalty
	if err := k.penalties.Walk(ctx, which, func(key penaltyKey, p types.Penalty) (bool, error) {
		if (p.ExecuteAt == nil) != (at == nil) {
			keys, list = append(keys, key), append(list, p)
		}
		return false, nil
	}); err != nil {
		return err
	}
	for i, p := range list {
		if err := k.drop(ctx, keys[i], p); err != nil {
			return err
		}
		p.ExecuteAt = at
		if err := k.setPenalty(ctx, keys[i], p); err != nil {
			return err
		}
		if err := emitQueued(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func emitQueued(ctx context.Context, p types.Penalty) error {
	if p.ExecuteAt == nil {
		return emit(ctx, &types.EventSlashSuspended{Worker: p.Worker, Run: p.Run, Round: p.Round})
	}
	return emit(ctx, &types.EventSlashResumed{Worker: p.Worker, Run: p.Run, Round: p.Round, ExecuteAt: p.ExecuteAt})
}

func (k Keeper) setPenalty(ctx context.Context, key penaltyKey, p types.Penalty) error {
	if err := k.penalties.Set(ctx, key, p); err != nil || p.ExecuteAt == nil {
		return err
	}
	return k.executions.Set(ctx, collections.Join(*p.ExecuteAt, key))
}
