package keeper

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// SendRestriction releases the pool, settles both sides of every transfer of shares, and refuses module accounts. x/bank calls it in each
// send,
// sometimes before and sometimes after the sender is debited; so positions keep their own count of shares and never read a balance.
func (k Keeper) SendRestriction(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) (sdk.AccAddress, error) {
	for _, c := range amt {
		model, ok := types.ModelOf(c.Denom)
		if !ok {
			continue
		}
		if k.modules[string(to)] {
			return nil, types.ErrModuleAccount.Wrapf("%s to %s", c, to)
		}
		p, changed, err := k.released(ctx, model)
		if err != nil {
			return nil, err
		}
		if changed {
			if err := k.pools.Set(ctx, model, p); err != nil {
				return nil, err
			}
		}
		// The module's own account holds new shares for a moment only and has no position.
		if !from.Equals(k.self) {
			if err := k.move(ctx, p, from, c.Amount.Neg()); err != nil {
				return nil, err
			}
		}
		if err := k.move(ctx, p, to, c.Amount); err != nil {
			return nil, err
		}
	}
	return to, nil
}

func (k Keeper) move(ctx context.Context, p types.Pool, holder sdk.AccAddress, delta math.Int) error {
	pos, err := k.position(ctx, holder, p.Model)
	if err != nil {
		return err
	}
	if err := pos.Move(p, delta); err != nil {
		return err
	}
	return k.setPosition(ctx, holder, p.Model, pos)
}
