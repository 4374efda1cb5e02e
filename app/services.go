package app

import (
	"bytes"
	_ "embed" // for the document
	"errors"
	"net/http"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
)

// openAPI describes the REST queries of Weft's modules. make proto writes it.
//
//go:embed openapi.json
var openAPI []byte

// RegisterAPIRoutes implements servertypes.Application. A node whose api.swagger is on serves the document at /swagger.
func (a *App) RegisterAPIRoutes(s *api.Server, cfg serverconfig.APIConfig) {
	a.App.RegisterAPIRoutes(s, cfg)
	if cfg.Swagger {
		s.Router.PathPrefix("/swagger").Methods(http.MethodGet, http.MethodHead).HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) {
				http.ServeContent(w, r, "openapi.json", time.Time{}, bytes.NewReader(openAPI))
			})
	}
}

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
