package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:])) }

// run executes a command line and returns the exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "interrupted")
		return codeInterrupted
	}
	return report(os.Stderr, err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "weft",
		Short:         "Train one language model together, and prove it",
		Long:          "weft trains LoRA adapters on a network of workers that do not trust each other.\nBegin with: weft demo",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().Bool("json", false, "print one JSON object per line")
	root.PersistentFlags().String("home", defaultHome(), "folder of keys, configuration and checkpoints")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &OpError{Op: c.CommandPath(), Err: err, Hint: "see " + c.CommandPath() + " --help", Code: codeUser}
	})
	root.AddCommand(demoCmd(), baseCmd(), dataCmd(), tokenizeCmd(), evalCmd(), generateCmd(), tuneCmd(), benchCmd(), initCmd(), trainCmd(), attestCmd(),
		runsCmd(), statusCmd(), whyCmd(), auditCmd(), modelCmd(), lineageCmd(), verifyCmd(), exportCmd(), claimCmd())
	return root
}
