package app

import (
	"encoding/json"

	"cosmossdk.io/depinject"
	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"

	modelkeeper "github.com/weftnet/weft/x/model/keeper"
	roundkeeper "github.com/weftnet/weft/x/round/keeper"
	sharekeeper "github.com/weftnet/weft/x/share/keeper"
	workerkeeper "github.com/weftnet/weft/x/worker/keeper"
)

// App is the chain's application. The keepers are there for tests and for export.
type App struct {
	*runtime.App

	Codec    codec.Codec
	Registry codectypes.InterfaceRegistry
	TxConfig client.TxConfig
	Basics   module.BasicManager

	Accounts authkeeper.AccountKeeper
	Bank     bankkeeper.Keeper
	Staking  *stakingkeeper.Keeper
	Gov      *govkeeper.Keeper
	Upgrade  *upgradekeeper.Keeper
	Worker   workerkeeper.Keeper
	Model    modelkeeper.Keeper
	Round    roundkeeper.Keeper
	Share    sharekeeper.Keeper
}

// New builds the application over a database and loads its newest state.
func New(logger log.Logger, db dbm.DB, opts servertypes.AppOptions, options ...func(*baseapp.BaseApp)) (*App, error) {
	a, err := build(logger, db, opts, options...)
	if err != nil {
		return nil, err
	}
	return a, a.Load(true)
}

// NewAt builds the application and loads the state after the block at height.
func NewAt(logger log.Logger, db dbm.DB, height int64, opts servertypes.AppOptions, options ...func(*baseapp.BaseApp)) (*App, error) {
	a, err := build(logger, db, opts, options...)
	if err != nil {
		return nil, err
	}
	if err := a.Load(false); err != nil {
		return nil, err
	}
	return a, a.LoadHeight(height)
}

func build(logger log.Logger, db dbm.DB, opts servertypes.AppOptions, options ...func(*baseapp.BaseApp)) (*App, error) {
	a := &App{}
	var builder *runtime.AppBuilder
	err := depinject.Inject(depinject.Configs(Config(), depinject.Supply(logger, opts)),
		&builder, &a.Codec, &a.Registry, &a.TxConfig, &a.Basics,
		&a.Accounts, &a.Bank, &a.Staking, &a.Gov, &a.Upgrade, &a.Worker, &a.Model, &a.Round, &a.Share)
	if err != nil {
		return nil, err
	}
	a.App = builder.Build(db, options...)
	a.SetAnteHandler(refuseShareDenoms(a.AnteHandler()))
	a.SetInitChainer(a.initChain)
	for _, name := range upgrades {
		a.HandleUpgrade(name)
	}
	return a, nil
}

// DefaultGenesis is the state of a chain in which nothing has happened.
func (a *App) DefaultGenesis() map[string]json.RawMessage { return a.Basics.DefaultGenesis(a.Codec) }
