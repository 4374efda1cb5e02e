package main

import (
	"cmp"
	"errors"
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
			slices.SortStableFunc(w.runs, func(a, b serving) int { return cmp.Compare(pay(&b.run.Spec), pay(&a.run.Spec)) })
			w.p.Emit(&started{w.numbers(), w.Address(), "trainer", slots})
			var errs []error
			for i := range w.runs {
				x := &w.runs[i]
				err := trainer.Run(c.Context(), trainer.Config{Config: x.config, Slots: slots, Snapshots: snapshots})
				if errs = append(errs, w.failed("train in run", x, err)); c.Context().Err() != nil {
					break
				}
			}
			return errors.Join(append(errs, w.p.Err())...)
		},
	}
	f.register(c)
	c.Flags().Var(&budget, "snapshot-budget", "disk for snapshots that auditors may ask for; the oldest make room, 0: no bound")
	c.Flags().Uint32Var(&slots, "slots", 1, "slots of work to take in each round")
	return c
}

// pay is what a run pays for a token at most, in uweft.
func pay(s *protocol.RunSpec) float64 {
	return float64(s.SlotReward()) / (float64(s.InnerSteps) * float64(s.Batch) * float64(s.SeqLen))
}
