package types

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BankKeeper moves the money of treasuries.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToModule(ctx context.Context, from, to string, amt sdk.Coins) error
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}

// AccountKeeper knows the module's own account; GetModuleAccount makes it when it is not there.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
}

// CommunityKeeper is the community pool, which x/distribution keeps.
type CommunityKeeper interface {
	// DistributeFromFeePool pays coins of the pool to an account, which must not be a module's.
	DistributeFromFeePool(ctx context.Context, amount sdk.Coins, to sdk.AccAddress) error
	// FundCommunityPool pays an account's coins into the pool.
	FundCommunityPool(ctx context.Context, amount sdk.Coins, from sdk.AccAddress) error
}

// ShareKeeper opens the share pool of a new model and counts its shares.
type ShareKeeper interface {
	// RegisterPool fails when the model has a pool.
	RegisterPool(ctx context.Context, model string, maxSupply math.Int) error
	// Left returns how many shares may still be minted.
	Left(ctx context.Context, model string) (math.Int, error)
}
