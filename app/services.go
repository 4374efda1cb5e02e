package app

import (
	"errors"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
)

// RegisterTxService implements servertypes.Application.
func (a *App) RegisterTxService(c client.Context) {
	authtx.RegisterTxService(a.GRPCQueryRouter(), c, a.simulateTx, a.Registry)
}

// simulateTx is Simulate with errors for people. The service prints an error of the SDK with the place in the source where
// it arose, which is of no use to whoever sent the transaction.
func (a *App) simulateTx(raw []byte) (sdk.GasInfo, *sdk.Result, error) {
	gas, result, err := a.Simulate(raw)
	if err != nil {
		err = errors.New(err.Error())
	}
	return gas, result, err
}
