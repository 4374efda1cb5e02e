package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

func trainCmd() *cobra.Command {
	var f workerFlags
	var slots uint32
	budget := byteSize(4 << 30)
	c := &cobra.Command{
		Use:   "train RUN... --base DIR --data TOKENS",
		Short: "Train in a run: enrol, compute, commit, publish, until the run ends",
		Long: "With several runs, or --all, the one that pays most for a token is trained first, and the next one when it has ended.\n" +
			"train needs no open port. Kill it at any time: it goes on from the chain and its home.",
		RunE: func(c *cobra.Command, args []string) (err error) {
			if slots == 0 {
				return &operror.Error{Op: "train", Err: errors.New("--slots is 0"), Hint: "give --slots a number of at least 1"}
			}
			w, err := f.setup(c, args, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			snapshots, err := slot.OpenSnapshots(filepath.Join(w.Dir, "snapshots"), int64(budget))
			if err != nil {
				return operror.Wrap("open the snapshots in", w.Dir, err)
			}
			w.byPay()
			w.p.Emit(&started{w.numbers(), w.Address(), "trainer", slots})
			for i, run := range w.runs {
				t := trainer.Config{Config: w.configs[i], Slots: slots, Snapshots: snapshots}
				if err := trainer.Run(c.Context(), t); err != nil {
					return operror.Wrap("train in run", fmt.Sprint(run.ID), err)
				}
			}
			return w.p.Err()
		},
	}
	f.register(c)
	c.Flags().Var(&budget, "snapshot-budget", "disk for snapshots that auditors may ask for; the oldest make room, 0: no bound")
	c.Flags().Uint32Var(&slots, "slots", 1, "slots of work to take in each round")
	return c
}

// byPay sorts the runs by what they pay for a token, the best first.
func (w *workers) byPay() {
	order := make([]int, len(w.runs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(pay(&w.runs[b].Spec), pay(&w.runs[a].Spec)) })
	runs, configs := slices.Clone(w.runs), slices.Clone(w.configs)
	for i, from := range order {
		w.runs[i], w.configs[i] = runs[from], configs[from]
	}
}

// pay is what a run pays for a token at most, in uweft.
func pay(s *protocol.RunSpec) float64 {
	return float64(s.SlotReward()) / (float64(s.InnerSteps) * float64(s.Batch) * float64(s.SeqLen))
}
