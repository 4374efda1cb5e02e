package keeper

import (
	"context"
	"errors"
	"fmt"
	"math"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// carryOut does what the rules ask for and tells what happened, in their order.
func (k Keeper) carryOut(ctx context.Context, steps []protocol.Step) error {
	for _, s := range steps {
		if e, moves := s.(protocol.Effect); moves {
			if err := k.do(ctx, e); err != nil {
				return errorsmod.Wrap(err, fmt.Sprint(e)) // fmt's %w would lose the code by which clients know the refusal
			}
		}
		if err := tell(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// do carries out one effect.
func (k Keeper) do(ctx context.Context, e protocol.Effect) error {
	switch e := e.(type) {
	case protocol.LockBond, protocol.ReleaseBond, protocol.HoldBond, protocol.Slash, protocol.Fine:
		return k.bond(ctx, e)
	case protocol.NumericsSuspect:
		return k.workers.SuspendPenalties(ctx, e.Run, e.Round)
	case protocol.ResumeSlashes:
		return k.workers.ResumePenalties(ctx, e.Run, e.Until)
	case protocol.LockDeposit:
		return k.lockDeposit(ctx, e)
	case protocol.PayDeposit:
		return k.credit(ctx, e.Account, e.Amount)
	case protocol.Taint:
		return k.models.Taint(ctx, e.Checkpoint, e.Run, e.Round, e.Account)
	case protocol.NewCheckpoint:
		c := e.Checkpoint
		c.Height = uint64(sdk.UnwrapSDKContext(ctx).BlockHeight())
		return k.models.AppendCheckpoint(ctx, c)
	case protocol.RecordEval:
		return k.models.RecordEval(ctx, e.Checkpoint, e.MicroNats, e.Tokens, e.Set)
	case protocol.Pay:
		return k.pay(ctx, e)
	case protocol.Refund:
		run, err := k.run(ctx, e.Run)
		if err != nil {
			return err
		}
		return k.models.Refund(ctx, run.Spec.Model, sdkmath.NewIntFromUint64(e.Treasury), sdkmath.NewIntFromUint64(e.Community), types.ModuleName)
	case protocol.Closed:
		return k.models.SetOpenRun(ctx, e.Model, 0)
	default:
		return fmt.Errorf("nothing carries out a %T", e)
	}
}

// pay credits coins, which stay in the module account until they are claimed,
// and mints shares.
func (k Keeper) pay(ctx context.Context, e protocol.Pay) error {
	if err := k.credit(ctx, e.Account, e.Amount); err != nil {
		return err
	}
	if e.Shares == 0 {
		return nil
	}
	addr, err := sdk.AccAddressFromBech32(string(e.Account))
	if err != nil {
		return err
	}
	run, err := k.run(ctx, e.Run)
	if err != nil {
		return err
	}
	// An account may be unable to hold shares (a module account cannot). That
	// must not stop the run, so the mint is all or nothing by itself and its
	// refusal is told.
	cached, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if _, err := k.shares.Mint(cached, run.Spec.Model, addr, sdkmath.NewIntFromUint64(e.Shares)); err != nil {
		return emit(ctx, &types.EventSharesRefused{
			Run: e.Run, Round: e.Round, Account: string(e.Account), Shares: e.Shares, Why: err.Error(),
		})
	}
	write()
	return nil
}

func (k Keeper) credit(ctx context.Context, account protocol.Account, amount uint64) error {
	if amount == 0 {
		return nil
	}
	before, err := k.owed.Get(ctx, string(account))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if before > math.MaxUint64-amount {
		return types.ErrInvalid.Wrapf("%s is owed more than fits", account)
	}
	return k.owed.Set(ctx, string(account), before+amount)
}

func coin(p types.Params, amount uint64) sdk.Coin {
	return sdk.NewCoin(p.Denom, sdkmath.NewIntFromUint64(amount))
}
