package app

import (
	runtimev1alpha1 "cosmossdk.io/api/cosmos/app/runtime/v1alpha1"
	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	authmodulev1 "cosmossdk.io/api/cosmos/auth/module/v1"
	authzmodulev1 "cosmossdk.io/api/cosmos/authz/module/v1"
	bankmodulev1 "cosmossdk.io/api/cosmos/bank/module/v1"
	consensusmodulev1 "cosmossdk.io/api/cosmos/consensus/module/v1"
	distrmodulev1 "cosmossdk.io/api/cosmos/distribution/module/v1"
	evidencemodulev1 "cosmossdk.io/api/cosmos/evidence/module/v1"
	feegrantmodulev1 "cosmossdk.io/api/cosmos/feegrant/module/v1"
	genutilmodulev1 "cosmossdk.io/api/cosmos/genutil/module/v1"
	govmodulev1 "cosmossdk.io/api/cosmos/gov/module/v1"
	mintmodulev1 "cosmossdk.io/api/cosmos/mint/module/v1"
	slashingmodulev1 "cosmossdk.io/api/cosmos/slashing/module/v1"
	stakingmodulev1 "cosmossdk.io/api/cosmos/staking/module/v1"
	txconfigv1 "cosmossdk.io/api/cosmos/tx/config/v1"
	upgrademodulev1 "cosmossdk.io/api/cosmos/upgrade/module/v1"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"

	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/types/module"
	_ "github.com/cosmos/cosmos-sdk/x/auth"           // registers the module
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config" // registers the module
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	_ "github.com/cosmos/cosmos-sdk/x/authz/module" // registers the module
	_ "github.com/cosmos/cosmos-sdk/x/bank"         // registers the module
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	_ "github.com/cosmos/cosmos-sdk/x/consensus" // registers the module
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	_ "github.com/cosmos/cosmos-sdk/x/distribution" // registers the module
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	_ "github.com/cosmos/cosmos-sdk/x/evidence" // registers the module
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	_ "github.com/cosmos/cosmos-sdk/x/feegrant/module" // registers the module
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	_ "github.com/cosmos/cosmos-sdk/x/gov" // registers the module
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	_ "github.com/cosmos/cosmos-sdk/x/mint" // registers the module
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	_ "github.com/cosmos/cosmos-sdk/x/slashing" // registers the module
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	_ "github.com/cosmos/cosmos-sdk/x/staking" // registers the module
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	_ "github.com/cosmos/cosmos-sdk/x/upgrade" // registers the module
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	_ "github.com/weftnet/weft/x/model" // registers the module
	modeltypes "github.com/weftnet/weft/x/model/types"
	modelmodulev1 "github.com/weftnet/weft/x/model/types/module"
	_ "github.com/weftnet/weft/x/round" // registers the module
	roundtypes "github.com/weftnet/weft/x/round/types"
	roundmodulev1 "github.com/weftnet/weft/x/round/types/module"
	_ "github.com/weftnet/weft/x/share" // registers the module
	sharetypes "github.com/weftnet/weft/x/share/types"
	sharemodulev1 "github.com/weftnet/weft/x/share/types/module"
	_ "github.com/weftnet/weft/x/worker" // registers the module
	workertypes "github.com/weftnet/weft/x/worker/types"
	workermodulev1 "github.com/weftnet/weft/x/worker/types/module"
)

// permissions are the module accounts and what they may do. An account without permissions can only hold coins.
func permissions() []*authmodulev1.ModuleAccountPermission {
	return []*authmodulev1.ModuleAccountPermission{
		{Account: authtypes.FeeCollectorName},
		{Account: distrtypes.ModuleName},
		{Account: minttypes.ModuleName, Permissions: []string{authtypes.Minter}},
		{Account: stakingtypes.BondedPoolName, Permissions: []string{authtypes.Burner, stakingtypes.ModuleName}},
		{Account: stakingtypes.NotBondedPoolName, Permissions: []string{authtypes.Burner, stakingtypes.ModuleName}},
		{Account: stakingtypes.KeyRotationFeePoolName, Permissions: []string{authtypes.Burner}},
		{Account: govtypes.ModuleName, Permissions: []string{authtypes.Burner}},
		{Account: workertypes.ModuleName, Permissions: []string{authtypes.Burner}},
		{Account: modeltypes.ModuleName},
		{Account: roundtypes.ModuleName},
		{Account: sharetypes.ModuleName, Permissions: []string{authtypes.Minter}},
	}
}

// order is the module with what runs when.
func order() *runtimev1alpha1.Module {
	return &runtimev1alpha1.Module{
		AppName:     Name,
		PreBlockers: []string{upgradetypes.ModuleName, authtypes.ModuleName},
		BeginBlockers: []string{minttypes.ModuleName, distrtypes.ModuleName, slashingtypes.ModuleName, evidencetypes.ModuleName,
			stakingtypes.ModuleName, authz.ModuleName},
		// A vote may open a run, and a settled round may set when a bond unlocks: x/worker pays after both.
		EndBlockers: []string{banktypes.ModuleName, govtypes.ModuleName, stakingtypes.ModuleName, feegrant.ModuleName,
			roundtypes.ModuleName, workertypes.ModuleName},
		OverrideStoreKeys: []*runtimev1alpha1.StoreKeyConfig{{ModuleName: authtypes.ModuleName, KvStoreKey: "acc"}},
		// x/bank comes before whoever compares its books with the bank's; genutil after all that gentxs touch.
		InitGenesis: []string{authtypes.ModuleName, banktypes.ModuleName, distrtypes.ModuleName, stakingtypes.ModuleName,
			slashingtypes.ModuleName, govtypes.ModuleName, minttypes.ModuleName, sharetypes.ModuleName, modeltypes.ModuleName,
			workertypes.ModuleName, roundtypes.ModuleName, genutiltypes.ModuleName, evidencetypes.ModuleName, authz.ModuleName,
			feegrant.ModuleName, upgradetypes.ModuleName, consensustypes.ModuleName},
	}
}

// Config is the configuration that depinject builds the application from.
func Config() depinject.Config {
	return depinject.Configs(
		appconfig.Compose(&appv1alpha1.Config{Modules: []*appv1alpha1.ModuleConfig{
			configure(runtime.ModuleName, order()),
			configure(authtypes.ModuleName, &authmodulev1.Module{Bech32Prefix: Bech32Prefix, ModuleAccountPermissions: permissions(),
				EnableUnorderedTransactions: true}),
			configure(banktypes.ModuleName, &bankmodulev1.Module{}),
			configure(stakingtypes.ModuleName, &stakingmodulev1.Module{}),
			configure(slashingtypes.ModuleName, &slashingmodulev1.Module{}),
			configure(distrtypes.ModuleName, &distrmodulev1.Module{}),
			configure(minttypes.ModuleName, &mintmodulev1.Module{}),
			configure(govtypes.ModuleName, &govmodulev1.Module{}),
			configure(authz.ModuleName, &authzmodulev1.Module{}),
			configure(feegrant.ModuleName, &feegrantmodulev1.Module{}),
			configure(evidencetypes.ModuleName, &evidencemodulev1.Module{}),
			configure(upgradetypes.ModuleName, &upgrademodulev1.Module{}),
			configure(consensustypes.ModuleName, &consensusmodulev1.Module{}),
			configure(genutiltypes.ModuleName, &genutilmodulev1.Module{}),
			configure("tx", &txconfigv1.Config{}),
			configure(workertypes.ModuleName, &workermodulev1.Module{}),
			configure(modeltypes.ModuleName, &modelmodulev1.Module{}),
			configure(sharetypes.ModuleName, &sharemodulev1.Module{}),
			configure(roundtypes.ModuleName, &roundmodulev1.Module{}),
		}}),
		depinject.Supply(map[string]module.AppModuleBasic{
			genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
			banktypes.ModuleName:    bankBasic{},
		}),
	)
}

func configure(name string, cfg interface {
	Reset()
	String() string
	ProtoMessage()
}) *appv1alpha1.ModuleConfig {
	return &appv1alpha1.ModuleConfig{Name: name, Config: appconfig.WrapAny(cfg)}
}
