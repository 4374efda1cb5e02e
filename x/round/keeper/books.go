package keeper

import (
	"context"

	sdkmath "cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/x/round/types"
)

// Books are what the module account is for, in the denom of the parameters.
type Books struct {
	Denom    string
	Free     sdkmath.Int // escrows: buys further rounds
	Reserved sdkmath.Int // escrows: of rounds that are not settled, and pay held for disputes
	Owed     sdkmath.Int // pay and deposits credited to accounts and not claimed
	Deposits sdkmath.Int // of open disputes
}

// Sum is what the module account must have.
func (b Books) Sum() sdkmath.Int { return b.Free.Add(b.Reserved).Add(b.Owed).Add(b.Deposits) }

// Books adds up all runs, what is owed and the deposits of open disputes.
func (k Keeper) Books(ctx context.Context) (Books, error) {
	zero := sdkmath.ZeroInt()
	b := Books{Free: zero, Reserved: zero, Owed: zero, Deposits: zero}
	params, err := k.params.Get(ctx)
	if err != nil {
		return b, err
	}
	b.Denom = params.Denom
	add := func(to *sdkmath.Int, n uint64) { *to = to.Add(sdkmath.NewIntFromUint64(n)) }
	if err := k.runs.Walk(ctx, nil, func(_ uint64, run types.Run) (bool, error) {
		add(&b.Free, run.Escrow.Free)
		add(&b.Reserved, run.Escrow.Reserved)
		return false, nil
	}); err != nil {
		return b, err
	}
	if err := k.owed.Walk(ctx, nil, func(_ string, amount uint64) (bool, error) {
		add(&b.Owed, amount)
		return false, nil
	}); err != nil {
		return b, err
	}
	return b, k.disputes.Walk(ctx, nil, func(_ slotKey, d types.Dispute) (bool, error) {
		if d.Outcome == types.DISPUTE_OUTCOME_UNSPECIFIED {
			add(&b.Deposits, d.Deposit)
		}
		return false, nil
	})
}

// CheckInvariants compares the books with the bank: the module account holds at least what they say (more is possible,
// since anybody may send coins to an account), every run's escrow sums to its budget, and what its live rounds have
// reserved to what the escrow says.
func (k Keeper) CheckInvariants(ctx context.Context) error {
	b, err := k.Books(ctx)
	if err != nil {
		return err
	}
	if have := k.bank.GetBalance(ctx, authtypes.NewModuleAddress(types.ModuleName), b.Denom).Amount; have.LT(b.Sum()) {
		return types.ErrGenesis.Wrapf("escrows %s + %s, pay owed %s and deposits %s, the module has %s", b.Free, b.Reserved, b.Owed, b.Deposits,
			have)
	}
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	return gs.Validate()
}
