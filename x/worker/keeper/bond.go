package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/worker/types"
)

// LockBond adds amount to a worker's bond in a run. A bond that was about to be paid back is locked again. Nothing happens when amount
// is zero: a run may ask for no bond.
func (k Keeper) LockBond(ctx context.Context, addr sdk.AccAddress, run uint64, amount sdk.Coin) error {
	if err := amount.Validate(); err != nil {
		return types.ErrBond.Wrap(err.Error())
	}
	if _, err := k.worker(ctx, addr); err != nil || amount.IsZero() {
		return err
	}
	key := collections.Join(addr, run)
	b, err := k.bonds.Get(ctx, key)
	switch {
	case errors.Is(err, collections.ErrNotFound):
		b = types.Bond{Amount: amount}
	case err != nil:
		return err
	case b.Amount.Denom != amount.Denom:
		return types.ErrBond.Wrapf("%s on top of %s", amount, b.Amount)
	default:
		if err := k.dequeue(ctx, key, b); err != nil {
			return err
		}
		b.Amount, b.UnlockAt = b.Amount.Add(amount), nil
	}
	if err := k.bonds.Set(ctx, key, b); err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, addr, types.ModuleName, sdk.NewCoins(amount)); err != nil {
		return err
	}
	return emit(ctx, &types.EventBondLocked{Worker: addr.String(), Run: run, Amount: amount.String()})
}

// ReleaseBond sets when a worker's bond in a run is paid back; it replaces an earlier time. Nothing happens when there is no bond.
func (k Keeper) ReleaseBond(ctx context.Context, addr sdk.AccAddress, run uint64, unlockAt time.Time) error {
	key := collections.Join(addr, run)
	b, err := k.bonds.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.dequeue(ctx, key, b); err != nil {
		return err
	}
	at := unlockAt.UTC()
	b.UnlockAt = &at
	if err := k.bonds.Set(ctx, key, b); err != nil {
		return err
	}
	if err := k.unlocks.Set(ctx, collections.Join3(at, addr, run)); err != nil {
		return err
	}
	return emit(ctx, &types.EventBondReleased{Worker: addr.String(), Run: run, UnlockAt: &at})
}

// HoldBond takes a bond out of the queue of those that are paid back; ReleaseBond queues it again. Nothing happens when there is none.
func (k Keeper) HoldBond(ctx context.Context, addr sdk.AccAddress, run uint64) error {
	key := collections.Join(addr, run)
	b, err := k.bonds.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.dequeue(ctx, key, b); err != nil {
		return err
	}
	b.UnlockAt = nil
	return k.bonds.Set(ctx, key, b)
}

func (k Keeper) dequeue(ctx context.Context, key bondKey, b types.Bond) error {
	if b.UnlockAt == nil {
		return nil
	}
	return k.unlocks.Remove(ctx, collections.Join3(*b.UnlockAt, key.K1(), key.K2()))
}

// PayUnlocked pays back the bonds whose time has come, the earliest first, at most MaxUnlocks.
func (k Keeper) PayUnlocked(ctx context.Context) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime()
	var due []unlockKey
	if err := k.unlocks.Walk(ctx, nil, func(key unlockKey) (bool, error) {
		if key.K1().After(now) {
			return true, nil
		}
		due = append(due, key)
		return len(due) == types.MaxUnlocks, nil
	}); err != nil {
		return err
	}
	for _, key := range due {
		if err := k.pay(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) pay(ctx context.Context, key unlockKey) error {
	addr, run := key.K2(), key.K3()
	b, err := k.bonds.Get(ctx, collections.Join(addr, run))
	if err != nil {
		return err
	}
	if err := k.bonds.Remove(ctx, collections.Join(addr, run)); err != nil {
		return err
	}
	if err := k.unlocks.Remove(ctx, key); err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, addr, sdk.NewCoins(b.Amount)); err != nil {
		return err
	}
	return emit(ctx, &types.EventBondPaid{Worker: addr.String(), Run: run, Amount: b.Amount.String()})
}
