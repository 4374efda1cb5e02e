package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// BankKeeper moves and burns bonds.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, amt sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amt sdk.Coins) error
	// BlockedAddr reports whether an account, such as a module's, takes no coins.
	BlockedAddr(addr sdk.AccAddress) bool
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}

// AccountKeeper knows the module's own account; GetModuleAccount makes it when it is not there.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
}

// StakingKeeper finds validators. GetValidator returns stakingtypes.ErrNoValidatorFound when there is none.
type StakingKeeper interface {
	GetValidator(ctx context.Context, addr sdk.ValAddress) (stakingtypes.Validator, error)
}
