package types

import (
	"fmt"
	"strings"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	// ModuleName names x/share.
	ModuleName = "share"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
	// DenomPrefix starts every share denom. Nothing but x/share mints such a coin.
	DenomPrefix = "share/"
)

// Store prefixes.
var (
	ParamsKey       = collections.NewPrefix(0)
	PoolsPrefix     = collections.NewPrefix(1)
	PositionsPrefix = collections.NewPrefix(2)
)

// Denom returns the share denom of a model, or an error when the name cannot be part of a denom.
func Denom(model string) (string, error) {
	d := DenomPrefix + model
	if model == "" || strings.Contains(model, "/") {
		return "", ErrInvalid.Wrapf("model name %q", model)
	}
	if err := sdk.ValidateDenom(d); err != nil {
		return "", ErrInvalid.Wrap(err.Error())
	}
	return d, nil
}

// Metadata is what wallets show of a model's shares. A share has no parts.
func Metadata(model string) banktypes.Metadata {
	denom := DenomPrefix + model
	return banktypes.Metadata{
		Name: "Shares of " + model, Symbol: denom, Base: denom, Display: denom,
		Description: "Shares of the model " + model + ": they earn the revenue that is paid in for it.",
		DenomUnits:  []*banktypes.DenomUnit{{Denom: denom}},
	}
}

// ModelOf returns the model whose shares have the denom; ok is false for any other denom.
func ModelOf(denom string) (model string, ok bool) {
	return strings.CutPrefix(denom, DenomPrefix)
}

// IsShare reports whether denom is a share denom.
func IsShare(denom string) bool { return strings.HasPrefix(denom, DenomPrefix) }

// RefuseShares returns an error when denom is a share denom. Staking, fees and governance deposits bypass or break the accounts of
// holders, so genesis uses it to keep shares out of them.
func RefuseShares(use, denom string) error {
	if IsShare(denom) {
		return fmt.Errorf("%s: a share denom (%s) cannot be used here", use, denom)
	}
	return nil
}
