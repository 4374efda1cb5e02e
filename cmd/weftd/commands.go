package main

import (
	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"github.com/weftnet/weft/app"
)

func addCommands(root *cobra.Command, c client.Context, basics module.BasicManager, home string) {
	root.AddCommand(
		genutilcli.InitCmd(basics, home),
		genutilcli.Commands(c.TxConfig, basics, home),
		debug.Cmd(),
		keys.Commands(),
		pruning.Cmd(create, home),
		snapshot.Cmd(create),
		server.StatusCommand(),
		queryCommand(),
		txCommand(),
		invariantsCommand(home),
	)
	server.AddCommands(root, home, create, export, func(*cobra.Command) {})
}

// queryCommand holds the queries that no module has; AutoCLI adds the others.
func queryCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "query", Aliases: []string{"q"}, Short: "Ask the chain", RunE: client.ValidateCmd}
	cmd.AddCommand(
		rpc.WaitTxCmd(),
		rpc.ValidatorCommand(),
		server.QueryBlockCmd(),
		server.QueryBlocksCmd(),
		server.QueryBlockResultsCmd(),
		authcmd.QueryTxsByEventsCmd(),
		authcmd.QueryTxCmd(),
	)
	cmd.PersistentFlags().String(flags.FlagChainID, "", "The network chain ID")
	return cmd
}

// txCommand holds what works on transactions as such; AutoCLI adds the modules' messages.
func txCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "tx", Short: "Send transactions", RunE: client.ValidateCmd}
	cmd.AddCommand(
		authcmd.GetSignCommand(),
		authcmd.GetSignBatchCommand(),
		authcmd.GetMultiSignCommand(),
		authcmd.GetMultiSignBatchCmd(),
		authcmd.GetValidateSignaturesCommand(),
		authcmd.GetBroadcastCommand(),
		authcmd.GetEncodeCommand(),
		authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	cmd.PersistentFlags().String(flags.FlagChainID, "", "The network chain ID")
	return cmd
}

// create opens the application for start. The SDK's signature has no way to return an error.
func create(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) servertypes.Application {
	a, err := app.New(logger, db, opts, server.DefaultBaseappOptions(opts)...)
	if err != nil {
		panic(err)
	}
	return a
}

// export dumps the state at a height; -1 means the newest.
func export(logger log.Logger, db dbm.DB, height int64, zeroHeight bool, _ []string, opts servertypes.AppOptions,
	modules []string) (servertypes.ExportedApp, error) {
	var a *app.App
	var err error
	if height == -1 {
		a, err = app.New(logger, db, opts)
	} else {
		a, err = app.NewAt(logger, db, height, opts)
	}
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	return a.Export(zeroHeight, modules)
}
