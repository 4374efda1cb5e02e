package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/x/round/protocol"
)

type tuneFlags struct {
	modelFlags
	hyperFlags
	train, eval, columns, dst string
	evalRecords, steps, every int
	seed                      uint64
}

func tuneCmd() *cobra.Command {
	var f tuneFlags
	c := &cobra.Command{
		Use:   "tune",
		Short: "Fine-tune on this machine alone, without a chain: the same loop, for comparison and for people who just want to tune",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return tune(c, &f) },
	}
	f.modelFlags.register(c, exact.BFloat16)
	f.hyperFlags.register(c, 1e-3, 16, 256)
	memoryFlag(c, &f.maxMemory)
	c.Flags().StringVar(&f.train, "data", "", "JSONL file or token set to train on")
	c.Flags().StringVar(&f.eval, "eval", "", "JSONL file or token set to evaluate on")
	c.Flags().StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	c.Flags().IntVar(&f.evalRecords, "eval-records", 64, "evaluation records (0: all)")
	c.Flags().IntVar(&f.steps, "steps", 50, "optimizer steps")
	c.Flags().IntVar(&f.every, "eval-every", 10, "steps between evaluations")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the order of records and of the first factors")
	c.Flags().StringVar(&f.dst, "out", "weft-adapter", "PEFT folder to write")
	return c
}

func tune(c *cobra.Command, f *tuneFlags) error {
	if _, err := os.Stat(f.dst); err == nil {
		return &OpError{Op: "write", Ref: f.dst, Err: errors.New("it exists already"), Hint: "name another folder with --out"}
	}
	spec := &protocol.RunSpec{InnerSteps: uint32(max(f.steps, 0)), Rounds: 1, Segment: uint32(max(f.steps, 1))}
	if err := f.apply(spec); err != nil {
		return failed("tune", "", err)
	}
	if err := trainer.Inner(spec).Validate(); err != nil {
		return failed("tune", "", err)
	}
	if spec.Batch == 0 || f.steps < 1 {
		return failed("tune", "", errors.New("batch and steps must be at least 1"))
	}
	b, m, start, err := f.open()
	if err != nil {
		return err
	}
	defer b.Close()
	train, err := readSet(b, f.train, f.seq, 0, f.columns)
	if err != nil {
		return err
	}
	var eval *data.TokenSet
	if f.eval != "" {
		if eval, err = readSet(b, f.eval, f.seq, f.evalRecords, f.columns); err != nil {
			return err
		}
		if id, both := data.Overlap(train, eval); both {
			return failed("tune", "", fmt.Errorf("record %s is in both the training and the evaluation set", id))
		}
	}
	cp, err := trainer.InitialCheckpoint(mem.New(), fmt.Sprint("tune ", f.seed), digest.Sum(nil), f.hyperFlags.adapter(), b.Config)
	if err != nil {
		return failed("make the adapter", "", err)
	}
	if start != nil { // go on from a given adapter, in its own shape
		cp.Adapter = start
		cp.Manifest.Adapter = ckpt.AdapterSpec{Rank: start.Spec.Rank, Alpha: start.Spec.Alpha, Targets: start.Spec.Targets}
	}
	w, p := m.NewWork(0), out(c)
	ev := func(step uint32, ad *lora.Adapter) error {
		if eval == nil {
			return nil
		}
		n, tokens, err := trainer.Evaluate(c.Context(), w, ad, eval, f.seq)
		p.event("evaluation", fields{"step": step, "loss": float64(n) / 1e6, "micro_nats": n, "tokens": tokens}, "step %4d  evaluation %.4f", step, float64(n)/1e6)
		return err
	}
	if err := ev(0, cp.Adapter); err != nil {
		return failed("evaluate", f.eval, err)
	}
	j := trainer.NewJob(spec, &protocol.Round{Run: f.seed, Number: 1, Slots: 1}, 0, cp, train)
	began := time.Now()
	ad, err := trainer.Tune(c.Context(), w, j, func(step uint32, r trainer.StepRecord, ad *lora.Adapter) error {
		p.event("step", fields{"step": step, "loss": r.Loss, "norm": r.Norm, "noop": r.Noop, "seconds": time.Since(began).Seconds()},
			"step %4d  loss %.4f  norm %.3f  %s", step, r.Loss, r.Norm, time.Since(began).Round(time.Second))
		if int(step)%max(f.every, 1) == 0 || int(step) == f.steps {
			return ev(step, ad)
		}
		return nil
	})
	if err != nil {
		return failed("tune", f.train, err)
	}
	return failed("write", f.dst, writeTuned(f, b, cp, ad, p))
}

func writeTuned(f *tuneFlags, b *base.Base, cp *trainer.Checkpoint, ad *lora.Adapter, p *printer) error {
	s := mem.New()
	tuned, err := trainer.Save(s, cp.Manifest, ad, cp.Momentum)
	if err != nil {
		return err
	}
	ref, err := tuned.Manifest.File(ckpt.AdapterFile)
	if err != nil {
		return err
	}
	raw, err := ckpt.GetBytes(s, ref.Digest, ref.Size)
	if err != nil {
		return err
	}
	d, err := b.Digest()
	if err != nil {
		return err
	}
	if err := peft.Write(f.dst, raw, cp.Manifest.Adapter, peft.Card{Model: f.dst, Licence: "apache-2.0", Base: f.base, BaseDigest: d, Checkpoint: ref.Digest,
		Parent: "none: tuned on one machine", Numerics: f.numerics}); err != nil {
		return err
	}
	p.event("adapter", fields{"dir": f.dst}, "wrote %s", f.dst)
	return nil
}
