package app

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/module"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// upgrades are the plans that this binary carries out. A release whose state differs from the one before adds its name; what
// has to change is said by the modules' own migrations.
var upgrades = []string{}

// HandleUpgrade makes the application carry out a planned upgrade. Rounds that are under way go on where they were: all they
// need is in the state.
func (a *App) HandleUpgrade(name string) {
	a.Upgrade.SetUpgradeHandler(name, func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
		return a.ModuleManager.RunMigrations(ctx, a.Configurator(), from)
	})
}
