package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// BankKeeper is what x/share needs of x/bank. Every send runs the module's own send restriction.
type BankKeeper interface {
	MintCoins(ctx context.Context, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, amt sdk.Coins) error
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	GetSupply(ctx context.Context, denom string) sdk.Coin
	IterateAllBalances(ctx context.Context, cb func(holder sdk.AccAddress, c sdk.Coin) (stop bool))
}

// MetadataKeeper is where x/bank keeps what wallets show of a denom.
type MetadataKeeper interface {
	SetDenomMetaData(ctx context.Context, metadata banktypes.Metadata)
}

// AccountKeeper tells which addresses belong to modules; GetModuleAccount makes the account when it is not there.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
	GetModulePermissions() map[string]authtypes.PermissionsForAddress
}
