package share

import (
	"context"
	"encoding/json"

	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/store"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"google.golang.org/grpc"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/x/share/keeper"
	"github.com/weftnet/weft/x/share/types"
	modulev1 "github.com/weftnet/weft/x/share/types/module"
)

var (
	_ module.AppModuleBasic = AppModule{}
	_ module.HasGenesis     = AppModule{}
	_ appmodule.HasServices = AppModule{}
)

func init() {
	appconfig.RegisterModule(&modulev1.Module{}, appconfig.Provide(ProvideModule))
}

// Inputs are what depinject gives the module.
type Inputs struct {
	depinject.In

	Config   *modulev1.Module
	Store    store.KVStoreService
	Cdc      codec.Codec
	Accounts types.AccountKeeper
	Bank     types.BankKeeper
	Denoms   types.MetadataKeeper
}

// Outputs are what the module gives to others: its keeper, and the restriction that x/bank runs in every send.
type Outputs struct {
	depinject.Out

	Keeper   keeper.Keeper
	Module   appmodule.AppModule
	Restrict banktypes.SendRestrictionFn
}

// ProvideModule builds the module.
func ProvideModule(in Inputs) (Outputs, error) {
	authority := authtypes.NewModuleAddress(govtypes.ModuleName)
	if in.Config.Authority != "" {
		authority = authtypes.NewModuleAddressOrBech32Address(in.Config.Authority)
	}
	k, err := keeper.NewKeeper(in.Store, in.Cdc, in.Accounts, in.Bank, in.Denoms, authority.String())
	return Outputs{Keeper: k, Module: AppModule{k: k}, Restrict: k.SendRestriction}, err
}

// AppModule is x/share.
type AppModule struct{ k keeper.Keeper }

// IsOnePerModuleType marks the module for depinject.
func (AppModule) IsOnePerModuleType() {}

// IsAppModule marks the module.
func (AppModule) IsAppModule() {}

// Name returns the module's name.
func (AppModule) Name() string { return types.ModuleName }

// ConsensusVersion returns the version of the module's state.
func (AppModule) ConsensusVersion() uint64 { return 1 }

// RegisterLegacyAminoCodec registers nothing: amino JSON comes from the proto annotations.
func (AppModule) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces registers the messages.
func (AppModule) RegisterInterfaces(r codectypes.InterfaceRegistry) { types.RegisterInterfaces(r) }

// RegisterGRPCGatewayRoutes registers the REST routes.
func (AppModule) RegisterGRPCGatewayRoutes(c client.Context, mux *gwruntime.ServeMux) {
	if err := types.RegisterQueryHandlerClient(context.Background(), mux, types.NewQueryClient(c)); err != nil {
		panic(err)
	}
}

// RegisterServices registers the Msg and Query services.
func (m AppModule) RegisterServices(r grpc.ServiceRegistrar) error {
	types.RegisterMsgServer(r, keeper.NewMsgServer(m.k))
	types.RegisterQueryServer(r, keeper.NewQueryServer(m.k))
	return nil
}

// DefaultGenesis returns the state of a new chain.
func (AppModule) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	return cdc.MustMarshalJSON(types.DefaultGenesis())
}

// ValidateGenesis checks a genesis state by itself.
func (AppModule) ValidateGenesis(cdc codec.JSONCodec, _ client.TxEncodingConfig, bz json.RawMessage) error {
	var gs types.GenesisState
	if err := cdc.UnmarshalJSON(bz, &gs); err != nil {
		return err
	}
	return gs.Validate()
}

// InitGenesis loads the state. The SDK gives it no way to return an error: a chain with a wrong genesis must not start.
func (m AppModule) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, bz json.RawMessage) {
	var gs types.GenesisState
	cdc.MustUnmarshalJSON(bz, &gs)
	if err := m.k.InitGenesis(ctx, &gs); err != nil {
		panic(err)
	}
}

// ExportGenesis dumps the state.
func (m AppModule) ExportGenesis(ctx sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	gs, err := m.k.ExportGenesis(ctx)
	if err != nil {
		panic(err)
	}
	return cdc.MustMarshalJSON(gs)
}
