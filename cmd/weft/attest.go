package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer"
)

func attestCmd() *cobra.Command {
	var f workerFlags
	c := &cobra.Command{
		Use:   "attest RUN --base DIR --data TOKENS --eval TOKENS",
		Short: "Attest a run beside a validator: witness deltas, fold them, vote, evaluate",
		Long: "attest needs an account that the validator's operator has linked:\n" +
			"  weftd tx worker link-validator ACCOUNT --from OPERATOR",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			w, err := f.setup(c, run, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			out(c).event("started", fields{"run": run, "account": w.client.Address()}, "attesting run %d as %s", run, w.client.Address())
			a := &trainer.Attester{Config: w.config}
			return failed("attest run", fmt.Sprint(run), a.Run(c.Context()))
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.eval, "eval", "", "evaluation token set file that the run pins")
	return c
}
