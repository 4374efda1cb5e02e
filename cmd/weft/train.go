package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer"
)

func trainCmd() *cobra.Command {
	var f workerFlags
	budget := byteSize(4 << 30)
	c := &cobra.Command{
		Use:   "train RUN --base DIR --data TOKENS",
		Short: "Train in a run: enrol, compute, commit, publish, until the run ends",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			w, err := f.setup(c, run, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			states, err := trainer.OpenStates(filepath.Join(w.home, "states"), int64(budget))
			if err != nil {
				return failed("open the states in", w.home, err)
			}
			out(c).event("started", fields{"run": run, "account": w.client.Address(), "slots": f.slots, "kernel": w.config.Model.Kernel()},
				"training run %d as %s with %d slot(s), %s kernel", run, w.client.Address(), f.slots, w.config.Model.Kernel())
			t := &trainer.Trainer{Config: w.config, Slots: f.slots, States: states}
			return failed("train in run", fmt.Sprint(run), t.Run(c.Context()))
		},
	}
	f.register(c)
	c.Flags().Var(&budget, "state-budget", "disk for states that auditors may ask for; the oldest make room, 0: no bound")
	c.Flags().Uint32Var(&f.slots, "slots", 1, "slots of work to take in each round")
	return c
}
