package app

import sdk "github.com/cosmos/cosmos-sdk/types"

const (
	// Name is the name of the application.
	Name = "weft"
	// Bech32Prefix starts every account address.
	Bech32Prefix = "weft"
	// BondDenom is the chain's coin, in millionths: 1 WEFT = 1,000,000 uweft.
	BondDenom = "uweft"
	// Display is the unit of the coin that people write.
	Display         = "WEFT"
	displayExponent = 6
)

// The SDK keeps the prefix and the default denom in package variables. Whoever links the application gets Weft's.
func init() {
	c := sdk.GetConfig()
	c.SetBech32PrefixForAccount(Bech32Prefix, Bech32Prefix+"pub")
	c.SetBech32PrefixForValidator(Bech32Prefix+"valoper", Bech32Prefix+"valoperpub")
	c.SetBech32PrefixForConsensusNode(Bech32Prefix+"valcons", Bech32Prefix+"valconspub")
	sdk.DefaultBondDenom = BondDenom
}
