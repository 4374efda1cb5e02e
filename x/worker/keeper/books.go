package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/worker/types"
)

// Held adds up all bonds and the slashes that are not executed: what the module account must have.
func (k Keeper) Held(ctx context.Context) (sdk.Coins, error) {
	var sum sdk.Coins
	if err := k.bonds.Walk(ctx, nil, func(_ bondKey, b types.Bond) (bool, error) {
		sum = sum.Add(b.Amount)
		return false, nil
	}); err != nil {
		return nil, err
	}
	err := k.penalties.Walk(ctx, nil, func(_ penaltyKey, p types.Penalty) (bool, error) {
		sum = sum.Add(p.Amount)
		return false, nil
	})
	return sum, err
}

// Burned is what executed slashes have burnt of a denom.
func (k Keeper) Burned(ctx context.Context, denom string) (sdk.Coin, error) {
	n, err := k.burned.Get(ctx, denom)
	if errors.Is(err, collections.ErrNotFound) {
		return sdk.NewCoin(denom, math.ZeroInt()), nil
	}
	return sdk.Coin{Denom: denom, Amount: n}, err
}

func (k Keeper) allBurned(ctx context.Context) (sum sdk.Coins, err error) {
	err = k.burned.Walk(ctx, nil, func(denom string, n math.Int) (bool, error) {
		sum = append(sum, sdk.Coin{Denom: denom, Amount: n})
		return false, nil
	})
	return sum, err
}

// CheckInvariants compares the books with the bank and with their queues. More coins than the books say are possible, since anybody may
// send coins to an account.
func (k Keeper) CheckInvariants(ctx context.Context) error {
	held, err := k.Held(ctx)
	if err != nil {
		return err
	}
	for _, c := range held {
		if have := k.bank.GetBalance(ctx, k.self, c.Denom); have.IsLT(c) {
			return types.ErrBooks.Wrapf("bonds and slashes are %s, the module account holds %s", c, have)
		}
	}
	if err := k.checkUnlocks(ctx); err != nil {
		return err
	}
	return k.checkExecutions(ctx)
}

// checkUnlocks: every bond with an unlock time is queued, and nothing else.
func (k Keeper) checkUnlocks(ctx context.Context) error {
	if err := k.unlocks.Walk(ctx, nil, func(key unlockKey) (bool, error) {
		b, err := k.bonds.Get(ctx, collections.Join(key.K2(), key.K3()))
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return true, err
		}
		if err != nil || b.UnlockAt == nil || !b.UnlockAt.Equal(key.K1()) {
			return true, types.ErrBooks.Wrapf("%s in run %d is queued for %s and has no bond that unlocks then", key.K2(), key.K3(), key.K1())
		}
		return false, nil
	}); err != nil {
		return err
	}
	return k.bonds.Walk(ctx, nil, func(key bondKey, b types.Bond) (bool, error) {
		if b.UnlockAt == nil {
			return false, nil
		}
		queued, err := k.unlocks.Has(ctx, collections.Join3(*b.UnlockAt, key.K1(), key.K2()))
		if err == nil && !queued {
			err = types.ErrBooks.Wrapf("the bond of %s in run %d, %s, unlocks at %s and is not queued", key.K1(), key.K2(), b.Amount, b.UnlockAt)
		}
		return false, err
	})
}

// checkExecutions: every slash with a time is queued, and nothing else.
func (k Keeper) checkExecutions(ctx context.Context) error {
	if err := k.executions.Walk(ctx, nil, func(key executionKey) (bool, error) {
		of := key.K2()
		p, err := k.penalties.Get(ctx, of)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return true, err
		}
		if err != nil || p.ExecuteAt == nil || !p.ExecuteAt.Equal(key.K1()) {
			return true, types.ErrBooks.Wrapf("%s in round %d of run %d is queued for %s and has no slash of that time", of.K3(), of.K2(), of.K1(),
				key.K1())
		}
		return false, nil
	}); err != nil {
		return err
	}
	return k.penalties.Walk(ctx, nil, func(key penaltyKey, p types.Penalty) (bool, error) {
		if p.ExecuteAt == nil {
			return false, nil
		}
		queued, err := k.executions.Has(ctx, collections.Join(*p.ExecuteAt, key))
		if err == nil && !queued {
			err = types.ErrBooks.Wrapf("the slash of %s in round %d of run %d, %s, is due at %s and not queued", key.K3(), key.K2(), key.K1(),
				p.Amount, p.ExecuteAt)
		}
		return false, err
	})
}
