package app

import (
	"encoding/json"
	"errors"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// Export dumps the state after the last block, for a chain that goes on at the next height. modules names those to export; none
// means all. Runs, bonds and unbondings hold heights and times, so a chain that starts again from height zero cannot take them over.
func (a *App) Export(zeroHeight bool, modules []string) (servertypes.ExportedApp, error) {
	if zeroHeight {
		return servertypes.ExportedApp{}, errors.New("a state with open runs cannot be exported for height zero; export without " +
			"--for-zero-height")
	}
	ctx, err := a.CreateQueryContext(a.LastBlockHeight(), false) // with the block's time, which modules export
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	state, err := a.ModuleManager.ExportGenesisForModules(ctx, a.Codec, modules)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	validators, err := staking.WriteValidators(ctx, a.Staking)
	return servertypes.ExportedApp{
		AppState: raw, Validators: validators, Height: a.LastBlockHeight() + 1, ConsensusParams: a.GetConsensusParams(ctx),
	}, err
}
