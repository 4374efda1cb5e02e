package keeper

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// CheckInvariants checks the whole state of the module against itself and against x/bank: for each pool and denom, what was deposited is
// claimed, pending, owed or left over; every holder's position equals its balance; positions add up to the pool's supply, which is the
// bank's and not above the maximum; and the module account has what all pools have not paid out. The error names the pool, the holder
// and the numbers. It reads every balance of the chain.
func (k Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return err
	}
	return k.checkBank(ctx, gs)
}

// checkBank compares a state that is valid by itself with x/bank.
func (k Keeper) checkBank(ctx context.Context, gs *types.GenesisState) error {
	for _, p := range gs.Pools {
		if have := k.bank.GetSupply(ctx, types.DenomPrefix+p.Model).Amount; !have.Equal(p.Supply) {
			return types.ErrBooks.Wrapf("pool %s counts %s shares, the bank %s", p.Model, p.Supply, have)
		}
	}
	if err := k.checkBalances(ctx, gs.Positions); err != nil {
		return err
	}
	for _, c := range revenue(gs.Pools) {
		if have := k.bank.GetBalance(ctx, k.self, c.Denom); have.IsLT(c) {
			return types.ErrBooks.Wrapf("pools have not paid out %s, the module account has %s", c, have)
		}
	}
	return nil
}

// checkBalances compares every position with a balance, and every balance of shares with a position.
func (k Keeper) checkBalances(ctx context.Context, positions []types.HolderPosition) error {
	type key struct{ holder, denom string }
	left := map[key]math.Int{}
	for _, hp := range positions {
		left[key{hp.Holder, types.DenomPrefix + hp.Model}] = hp.Position.Shares
	}
	var err error
	k.bank.IterateAllBalances(ctx, func(holder sdk.AccAddress, c sdk.Coin) bool {
		if !types.IsShare(c.Denom) {
			return false
		}
		at := key{holder.String(), c.Denom}
		shares, ok := left[at]
		if !ok {
			shares = math.ZeroInt()
		}
		if !shares.Equal(c.Amount) {
			err = types.ErrBooks.Wrapf("%s has a position of %s and a balance of %s", at.holder, shares, c)
		}
		delete(left, at)
		return err != nil
	})
	if err != nil {
		return err
	}
	for _, hp := range positions {
		if shares, ok := left[key{hp.Holder, types.DenomPrefix + hp.Model}]; ok && shares.IsPositive() {
			return types.ErrBooks.Wrapf("%s has a position of %s in %s and no balance", hp.Holder, shares, hp.Model)
		}
	}
	return nil
}

// Revenue adds up what all pools took in and have not paid out: what the module account must hold.
func (k Keeper) Revenue(ctx context.Context) (sdk.Coins, error) {
	var pools []types.Pool
	err := k.pools.Walk(ctx, nil, func(_ string, p types.Pool) (bool, error) {
		pools = append(pools, p)
		return false, nil
	})
	return revenue(pools), err
}

func revenue(pools []types.Pool) sdk.Coins {
	var sum sdk.Coins
	for _, p := range pools {
		for _, s := range p.Streams {
			sum = sum.Add(sdk.NewCoin(s.Denom, s.Deposited.Sub(s.Claimed)))
		}
	}
	return sum
}
