package main

import (
	"errors"
	"os"
	"time"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log/v2"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
)

// minGasPrice is what a new node asks for a unit of gas, so that nobody fills blocks for nothing: a transaction of 200,000 gas costs
// 500 uweft.
const minGasPrice = "0.0025" + app.BondDenom

// The SDK's version command and the node's status show these.
func init() { version.Name, version.AppName, version.Version = app.Name, "weftd", app.Version() }

// newRoot builds the command tree. home is the default of --home.
func newRoot(home string) (*cobra.Command, error) {
	var cli autocli.AppOptions
	var basics module.BasicManager
	var c client.Context
	opts := app.Options{flags.FlagHome: home}
	if err := depinject.Inject(depinject.Configs(app.Config(), depinject.Supply(log.NewNopLogger(), opts),
		depinject.Provide(ProvideClientContext)), &cli, &basics, &c); err != nil {
		return nil, err
	}
	root := &cobra.Command{
		Use:           "weftd",
		Short:         "The node of a Weft chain",
		SilenceErrors: false,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return prepare(cmd, c)
		},
	}
	addCommands(root, c, basics, home)
	if err := cli.EnhanceRootCommand(root); err != nil {
		return nil, err
	}
	refuseUnknown(root)
	return root, setGasAdjustment(root)
}

// refuseUnknown makes a subcommand that does not exist an error everywhere. Of itself cobra shows the help of the group and
// succeeds, so a script with a misspelt command would go on.
func refuseUnknown(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		refuseUnknown(sub)
	}
	if cmd.HasParent() && cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = client.ValidateCmd
	}
}

// ProvideClientContext is exported because depinject calls no other functions.
func ProvideClientContext(cdc codec.Codec, r codectypes.InterfaceRegistry, tx client.TxConfig, amino *codec.LegacyAmino,
	opts servertypes.AppOptions) (client.Context, error) {
	home, ok := opts.Get(flags.FlagHome).(string)
	if !ok {
		return client.Context{}, errors.New("no home folder")
	}
	return client.Context{}.WithCodec(cdc).WithInterfaceRegistry(r).WithTxConfig(tx).WithLegacyAmino(amino).
		WithInput(os.Stdin).WithAccountRetriever(authtypes.AccountRetriever{}).WithHomeDir(home).WithViper("WEFTD"), nil
}

// prepare reads the configuration files and the flags before any command runs.
func prepare(cmd *cobra.Command, c client.Context) error {
	cmd.SetOut(cmd.OutOrStdout())
	cmd.SetErr(cmd.ErrOrStderr())
	c = c.WithCmdContext(cmd.Context())
	c, err := client.ReadPersistentCommandFlags(c, cmd.Flags())
	if err != nil {
		return err
	}
	if c, err = config.ReadFromClientConfig(c); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(c, cmd); err != nil {
		return err
	}
	return server.InterceptConfigsPreRunHandler(cmd, serverconfig.DefaultConfigTemplate, appConfig(), cometConfig())
}

func appConfig() *serverconfig.Config {
	c := serverconfig.DefaultConfig()
	c.MinGasPrices = minGasPrice
	return c
}

func cometConfig() *cmtcfg.Config {
	c := cmtcfg.DefaultConfig()
	// Rounds of training last minutes; two seconds between blocks keep an idle chain small.
	c.Consensus.TimeoutCommit = 2 * time.Second
	return c
}

// setGasAdjustment makes --gas auto work: an estimate without margin fails as soon as a number in the state grows by a digit.
func setGasAdjustment(cmd *cobra.Command) error {
	for _, sub := range cmd.Commands() {
		if err := setGasAdjustment(sub); err != nil {
			return err
		}
	}
	f := cmd.Flags().Lookup(flags.FlagGasAdjustment)
	if f == nil {
		return nil
	}
	f.DefValue = "1.5"
	return f.Value.Set(f.DefValue)
}
