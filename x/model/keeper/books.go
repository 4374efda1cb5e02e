package keeper

import (
	"context"

	"cosmossdk.io/math"

	"github.com/weftnet/weft/x/model/types"
)

// TreasuryTotal adds up what all treasuries hold: what the module account must have.
func (k Keeper) TreasuryTotal(ctx context.Context) (math.Int, error) {
	sum := math.ZeroInt()
	err := k.treasuries.Walk(ctx, nil, func(_ string, t types.Treasury) (bool, error) {
		sum = sum.Add(t.Available())
		return false, nil
	})
	return sum, err
}

// CheckInvariants compares the books with the bank and with themselves: the module account has at least what all treasuries hold, each
// treasury is the sum of its funders, and every lineage is whole. It reads the whole state.
func (k Keeper) CheckInvariants(ctx context.Context) error {
	if err := k.checkBalance(ctx); err != nil {
		return err
	}
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrBooks.Wrap(err.Error())
	}
	return nil
}

// checkBalance: more coins than the books say are possible, since anybody may send coins to an account.
func (k Keeper) checkBalance(ctx context.Context) error {
	total, err := k.TreasuryTotal(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if have := k.bank.GetBalance(ctx, k.self, params.MinFunding.Denom); have.Amount.LT(total) {
		return types.ErrBooks.Wrapf("treasuries are %s%s, the module account holds %s", total, have.Denom, have)
	}
	return nil
}
