package app

import (
	"encoding/json"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// coinMetadata tells wallets and explorers how people write amounts of the chain's coin.
func coinMetadata() banktypes.Metadata {
	return banktypes.Metadata{
		Name: "Weft", Symbol: Display, Base: BondDenom, Display: Display,
		Description: "The coin of Weft: bonds, budgets, pay and fees.",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: BondDenom, Exponent: 0, Aliases: []string{"microweft"}},
			{Denom: Display, Exponent: displayExponent},
		},
	}
}

// bankBasic is x/bank with a first state that describes the chain's coin.
type bankBasic struct{ bank.AppModuleBasic }

// DefaultGenesis implements module.HasGenesisBasics.
func (bankBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := banktypes.DefaultGenesisState()
	state.DenomMetadata = []banktypes.Metadata{coinMetadata()}
	return cdc.MustMarshalJSON(state)
}
