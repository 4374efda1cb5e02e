package app

import (
	"encoding/json"
	"errors"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	sharetypes "github.com/weftnet/weft/x/share/types"
)

// initChain checks what no module can check alone, then loads every module's state.
func (a *App) initChain(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var state map[string]json.RawMessage
	if err := json.Unmarshal(req.AppStateBytes, &state); err != nil {
		return nil, err
	}
	if err := ValidateGenesis(a.Codec, state); err != nil {
		return nil, err
	}
	return a.InitChainer(ctx, req)
}

// ValidateGenesis refuses a state in which shares would be the coin of staking, minting or governance deposits.
func ValidateGenesis(cdc codec.JSONCodec, state map[string]json.RawMessage) error {
	var staking stakingtypes.GenesisState
	var mint minttypes.GenesisState
	var gov govv1.GenesisState
	if err := errors.Join(
		cdc.UnmarshalJSON(state[stakingtypes.ModuleName], &staking),
		cdc.UnmarshalJSON(state[minttypes.ModuleName], &mint),
		cdc.UnmarshalJSON(state[govtypes.ModuleName], &gov)); err != nil {
		return err
	}
	if gov.Params == nil {
		return errors.New("gov: no parameters")
	}
	return errors.Join(
		sharetypes.RefuseShares("bond_denom", staking.Params.BondDenom),
		sharetypes.RefuseShares("mint_denom", mint.Params.MintDenom),
		refuseDeposits(*gov.Params))
}
