package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// bond carries out what happens to a bond.
func (k Keeper) bond(ctx context.Context, e protocol.Effect) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case protocol.LockBond:
		return with(e.Account, func(a sdk.AccAddress) error { return k.workers.LockBond(ctx, a, e.Run, coin(params, e.Amount)) })
	case protocol.ReleaseBond:
		return with(e.Account, func(a sdk.AccAddress) error {
			return k.workers.ReleaseBond(ctx, a, e.Run, now(ctx).Add(params.EvidenceWindow))
		})
	case protocol.HoldBond:
		return with(e.Account, func(a sdk.AccAddress) error { return k.workers.HoldBond(ctx, a, e.Run) })
	case protocol.Slash:
		return k.slash(ctx, e)
	case protocol.Fine:
		return with(e.Account, func(a sdk.AccAddress) error {
			return with(e.To, func(to sdk.AccAddress) error {
				_, err := k.workers.Fine(ctx, a, e.Run, coin(params, e.Amount), to)
				return err
			})
		})
	default:
		return types.ErrInvalid.Wrapf("%s is not about a bond", e)
	}
}

// slash takes the bond of a convicted trainer, and keeps it from work while
// governance may pardon it.
func (k Keeper) slash(ctx context.Context, e protocol.Slash) error {
	return with(e.Account, func(a sdk.AccAddress) error {
		return with(e.Finder, func(finder sdk.AccAddress) error {
			reason := protocol.ReasonFraud.String()
			if _, err := k.workers.Slash(ctx, a, e.Run, e.Round, finder, e.Until, reason, e.Evidence); err != nil {
				return err
			}
			return k.workers.Jail(ctx, a, e.Until)
		})
	})
}

// lockDeposit takes an accuser's deposit into the module account.
func (k Keeper) lockDeposit(ctx context.Context, e protocol.LockDeposit) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	return with(e.Account, func(a sdk.AccAddress) error {
		return k.bank.SendCoinsFromAccountToModule(ctx, a, types.ModuleName, sdk.NewCoins(coin(params, e.Amount)))
	})
}

// with parses an account of the rules.
func with(account protocol.Account, f func(sdk.AccAddress) error) error {
	addr, err := sdk.AccAddressFromBech32(string(account))
	if err != nil {
		return err
	}
	return f(addr)
}
