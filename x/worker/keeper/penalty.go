package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/worker/types"
)

// Slash takes a worker's whole bond in a run, whether it is locked or about to be paid back, and holds it until executeAt: then a tenth
// goes to the finder (none when it is empty) and the rest is burnt. evidence is the digest of what convicted the worker in the round.
// What is taken of the same worker in the same round later is added to the first slash, which keeps its finder and its evidence and waits
// for the later of the two times. Without a bond nothing happens and the amount is the zero coin.
func (k Keeper) Slash(ctx context.Context, addr sdk.AccAddress, run, round uint64, finder sdk.AccAddress, executeAt time.Time,
	reason string, evidence digest.Digest) (sdk.Coin, error) {
	b, err := k.take(ctx, collections.Join(addr, run))
	if err != nil || b.Amount.IsNil() {
		return sdk.Coin{}, err
	}
	at := executeAt.UTC()
	p := types.Penalty{Worker: addr.String(), Run: run, Round: round, Amount: b.Amount, Finder: finder.String(), Reason: reason,
		Evidence: evidence.Text(), ExecuteAt: &at}
	key := collections.Join3(run, round, addr)
	if p, err = k.merge(ctx, key, p); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.setPenalty(ctx, key, p); err != nil {
		return sdk.Coin{}, err
	}
	return b.Amount, emit(ctx, &types.EventSlashed{
		Worker: p.Worker, Run: run, Round: round, Amount: b.Amount.String(), Finder: p.Finder, Reason: reason, Evidence: evidence.Text(),
		ExecuteAt: p.ExecuteAt,
	})
}

// merge adds p to a pending slash with its key, if there is one. A suspended one stays suspended.
func (k Keeper) merge(ctx context.Context, key penaltyKey, p types.Penalty) (types.Penalty, error) {
	old, err := k.penalties.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if old.Amount.Denom != p.Amount.Denom {
		return p, types.ErrPenalty.Wrapf("%s of %s in round %d of run %d", old.Amount, p.Worker, p.Round, p.Run)
	}
	if err := k.drop(ctx, key, old); err != nil {
		return p, err
	}
	old.Amount = old.Amount.Add(p.Amount)
	if old.ExecuteAt != nil && old.ExecuteAt.Before(*p.ExecuteAt) {
		old.ExecuteAt = p.ExecuteAt
	}
	return old, nil
}

// take removes a bond from the books; its coins stay in the module account. A bond that is not there has no amount.
func (k Keeper) take(ctx context.Context, key bondKey) (types.Bond, error) {
	b, err := k.bonds.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Bond{}, nil
	}
	if err != nil {
		return types.Bond{}, err
	}
	if err := k.dequeue(ctx, key, b); err != nil {
		return types.Bond{}, err
	}
	return b, k.bonds.Remove(ctx, key)
}

// Fine pays amount of a worker's bond in a run, or all of it when it is less, to somebody at once, and returns what was paid.
func (k Keeper) Fine(ctx context.Context, addr sdk.AccAddress, run uint64, amount sdk.Coin, to sdk.AccAddress) (sdk.Coin, error) {
	if err := amount.Validate(); err != nil {
		return sdk.Coin{}, types.ErrBond.Wrap(err.Error())
	}
	key, none := collections.Join(addr, run), sdk.NewInt64Coin(amount.Denom, 0)
	b, err := k.bonds.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	if b.Amount.Denom != amount.Denom {
		return none, types.ErrBond.Wrapf("a fine of %s on a bond of %s", amount, b.Amount)
	}
	if b.Amount.IsLTE(amount) {
		amount = b.Amount
		if _, err := k.take(ctx, key); err != nil {
			return none, err
		}
	} else {
		b.Amount = b.Amount.Sub(amount)
		if err := k.bonds.Set(ctx, key, b); err != nil {
			return none, err
		}
	}
	if amount.IsZero() {
		return none, nil
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, sdk.NewCoins(amount)); err != nil {
		return none, err
	}
	return amount, emit(ctx, &types.EventFined{Worker: addr.String(), Run: run, Amount: amount.String(), To: to.String()})
}

// Jail keeps a worker from taking part until a time; the later of two terms counts.
func (k Keeper) Jail(ctx context.Context, addr sdk.AccAddress, until time.Time) error {
	w, err := k.worker(ctx, addr)
	if err != nil {
		return err
	}
	if w.JailedUntil != nil && !w.JailedUntil.Before(until) {
		return nil
	}
	until = until.UTC()
	w.JailedUntil = &until
	if err := k.workers.Set(ctx, addr, w); err != nil {
		return err
	}
	return emit(ctx, &types.EventJailed{Worker: addr.String(), Until: &until})
}

// Pardon pays a slashed bond that is not executed yet back at once, and lets the worker take part again unless it was slashed elsewhere.
func (k Keeper) Pardon(ctx context.Context, addr sdk.AccAddress, run, round uint64) (sdk.Coin, error) {
	key := collections.Join3(run, round, addr)
	p, err := k.penalties.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return sdk.Coin{}, types.ErrNoPenalty.Wrapf("%s in round %d of run %d", addr, round, run)
	}
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := k.drop(ctx, key, p); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, addr, sdk.NewCoins(p.Amount)); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.release(ctx, addr); err != nil {
		return sdk.Coin{}, err
	}
	return p.Amount, emit(ctx, &types.EventPardoned{Worker: p.Worker, Run: run, Round: round, Amount: p.Amount.String()})
}

// release shortens a jail term to what the worker's other slashes ask for, or ends it when there are none.
func (k Keeper) release(ctx context.Context, addr sdk.AccAddress) error {
	w, err := k.worker(ctx, addr)
	if err != nil || w.JailedUntil == nil {
		return err
	}
	var until *time.Time
	if err := k.penalties.Walk(ctx, nil, func(key penaltyKey, p types.Penalty) (bool, error) {
		if key.K3().Equals(addr) {
			until = longer(until, p.ExecuteAt, w.JailedUntil)
		}
		return false, nil
	}); err != nil {
		return err
	}
	w.JailedUntil = until
	if err := k.workers.Set(ctx, addr, w); err != nil {
		return err
	}
	return emit(ctx, &types.EventJailed{Worker: addr.String(), Until: until})
}

// longer is the later of a term and a slash's, which is at most the whole term, and that when the slash is suspended.
func longer(term, slash, whole *time.Time) *time.Time {
	if slash == nil || slash.After(*whole) {
		slash = whole
	}
	if term != nil && term.After(*slash) {
		return term
	}
	return slash
}

func (k Keeper) drop(ctx context.Context, key penaltyKey, p types.Penalty) error {
	if p.ExecuteAt != nil {
		if err := k.executions.Remove(ctx, collections.Join(*p.ExecuteAt, key)); err != nil {
			return err
		}
	}
	return k.penalties.Remove(ctx, key)
}
