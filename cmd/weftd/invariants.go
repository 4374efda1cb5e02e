package main

import (
	"fmt"
	"path/filepath"

	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/weftnet/weft/app"
)

// invariantsCommand checks the books of a node that is not running.
func invariantsCommand(home string) *cobra.Command {
	c := &cobra.Command{
		Use:   "invariants",
		Short: "Check that every coin of the state has its place in the books",
		Long: "invariants reads the state of a node that is not running and checks that every module account holds exactly what its\n" +
			"module's books say, that positions of shares are the balances of their holders, and that the state fits together.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			ctx := server.GetServerContextFromCmd(c)
			db, err := dbm.NewDB("application", server.GetAppDBBackend(ctx.Viper), filepath.Join(ctx.Config.RootDir, "data"))
			if err != nil {
				return err
			}
			a, err := app.New(log.NewNopLogger(), db, ctx.Viper)
			if err != nil {
				return err
			}
			defer func() {
				if e := a.Close(); err == nil {
					err = e
				}
			}()
			return printBooks(c, a)
		},
	}
	c.Flags().String(flags.FlagHome, home, "The application home directory")
	return c
}

func printBooks(c *cobra.Command, a *app.App) error {
	ctx, err := a.CreateQueryContext(a.LastBlockHeight(), false)
	if err != nil {
		return err
	}
	entries, err := a.CheckBooks(ctx)
	for _, e := range entries {
		coins := e.Coins.String()
		if e.Coins.Empty() {
			coins = "nothing"
		}
		fmt.Fprintf(c.OutOrStdout(), "%-8s %-28s %s\n", e.Module, e.What, coins)
	}
	if err != nil {
		return fmt.Errorf("the books do not balance at height %d: %w", a.LastBlockHeight(), err)
	}
	fmt.Fprintf(c.OutOrStdout(), "height %d: every coin has its place\n", a.LastBlockHeight())
	return nil
}
