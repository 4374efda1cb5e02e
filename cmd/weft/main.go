package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/suggest"
)

func main() { os.Exit(run(os.Args[1:])) }

// run executes a command line until it ends or is interrupted, and returns the exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, args, os.Stdout, os.Stderr)
}

func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "interrupted")
		return int(operror.Interrupted)
	}
	asJSON, _ := c.Flags().GetBool("json") // false as long as the flags before it are wrong
	return out.Report(stderr, asJSON || slices.Contains(args, "--json"), explained(c, err), cause)
}

// explained gives an error that only says what is wrong with a command line the command and where to look.
func explained(c *cobra.Command, err error) *operror.Error {
	var op *operror.Error
	if errors.As(err, &op) {
		return op
	}
	return &operror.Error{Op: "run " + c.CommandPath(), Err: err, Hint: "see " + c.CommandPath() + " --help"}
}

func newRoot() *cobra.Command {
	root := group(&cobra.Command{
		Use:           "weft",
		Short:         "Train one language model together, and prove it",
		Long:          "weft trains LoRA adapters on a network of workers that do not trust each other.\nBegin with: weft demo",
		SilenceErrors: true,
		SilenceUsage:  true,
	},
		demoCmd(), baseCmd(), dataCmd(), tokenizeCmd(), evalCmd(), generateCmd(), tuneCmd(), benchCmd(),
		initCmd(), registerCmd(), linkCmd(), sendCmd(), trainCmd(), attestCmd(), leaveCmd(),
		runsCmd(), statusCmd(), whyCmd(), auditCmd(), modelCmd(), lineageCmd(), pullCmd(), verifyCmd(), exportCmd(),
		depositCmd(), claimCmd(), versionCmd())
	root.PersistentFlags().Bool("json", false, "print one JSON object per line (docs/json.md)")
	root.PersistentFlags().String("home", defaultHome(), "folder of keys, configuration and checkpoints")
	return root
}

// group is a command that only has subcommands. An unknown one is an error, with the nearest known one.
func group(c *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	c.AddCommand(subs...)
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		var known []string
		for _, s := range c.Commands() {
			known = append(known, s.Name())
		}
		hint := "see " + c.CommandPath() + " --help"
		if best := suggest.Nearest(args[0], known); best != "" {
			hint = "did you mean " + c.CommandPath() + " " + best + "?"
		}
		return &operror.Error{Op: "run " + c.CommandPath(), Err: fmt.Errorf("unknown command %q", args[0]), Hint: hint}
	}
	return c
}

// required marks flags without which a command cannot run.
func required(c *cobra.Command, flags ...string) *cobra.Command {
	for _, f := range flags {
		if err := c.MarkFlagRequired(f); err != nil {
			panic(err) // the command has no such flag
		}
	}
	return c
}
