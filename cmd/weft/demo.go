package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

type demoFlags struct {
	modelFlags
	hyperFlags
	train, eval, columns, codec, dst, name           string
	evalRecords, validators, trainers, inner, rounds int
	outerLR, outerMomentum                           float64
	nesterov                                         bool
	verbose                                          bool
}

// Settings of the demo on its own tiny base.
const (
	tinyLR, tinyBatch, tinySeq = 2e-3, 4, 96
	tinyInner, tinyRounds      = 10, 4
)

func demoCmd() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play one whole run on this machine: vote, rounds, lineage, pay, revenue, claims",
		Long: "demo starts a chain with its validators, attesters and trainers inside this process, lets governance open a run, trains,\n" +
			"pays, and writes the adapter as a folder that PEFT opens. Without --base it uses a tiny base of its own.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("out") {
				f.dst = free(f.dst)
			}
			return demo(c, &f)
		},
	}
	f.modelFlags.register(c, exact.BFloat16)
	f.hyperFlags.register(c, tinyLR, tinyBatch, tinySeq)
	memoryFlag(c, &f.maxMemory)
	fs := c.Flags()
	fs.StringVar(&f.train, "data", "", "JSONL file to train on (with --base)")
	fs.StringVar(&f.eval, "eval", "", "JSONL file to evaluate on (with --base)")
	fs.StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	fs.IntVar(&f.evalRecords, "eval-records", 0, "evaluation records (0: all)")
	fs.IntVar(&f.validators, "validators", 1, "validators, each with an attester")
	fs.IntVar(&f.trainers, "trainers", 3, "trainers")
	fs.IntVar(&f.inner, "inner-steps", tinyInner, "optimizer steps of a trainer in one round")
	fs.IntVar(&f.rounds, "rounds", tinyRounds, "rounds")
	fs.Float64Var(&f.outerLR, "outer-lr", 0.7, "outer learning rate")
	fs.Float64Var(&f.outerMomentum, "outer-momentum", 0.5, "outer momentum")
	fs.BoolVar(&f.nesterov, "nesterov", true, "Nesterov's outer momentum")
	fs.StringVar(&f.codec, "codec", protocol.CodecQ4, "compression of deltas: q4 or f32")
	fs.StringVar(&f.name, "name", "demo", "name of the model")
	fs.StringVar(&f.dst, "out", "weft-demo", "folder for the adapter and the lineage (a free name is found if it exists)")
	fs.BoolVar(&f.verbose, "verbose", false, "show what workers log")
	return c
}

// free is dir, or the first of dir-2, dir-3, … that does not exist.
func free(dir string) string {
	name := dir
	for i := 2; ; i++ {
		if _, err := os.Stat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", dir, i)
	}
}

func demo(c *cobra.Command, f *demoFlags) (err error) {
	if _, err := os.Stat(f.dst); err == nil {
		return &OpError{Op: "write", Ref: f.dst, Err: errors.New("it exists already"), Hint: "remove it, or name another folder with --out"}
	}
	own := f.base == ""
	if own {
		dir, err := os.MkdirTemp("", "weft-tiny-")
		if err != nil {
			return failed("make a folder", "", err)
		}
		defer os.RemoveAll(dir)
		if err := tiny.Write(dir); err != nil {
			return failed("write the tiny base", dir, err)
		}
		f.base, f.train, f.eval = filepath.Join(dir, tiny.Base), filepath.Join(dir, tiny.Train), filepath.Join(dir, tiny.Eval)
	} else if f.train == "" || f.eval == "" {
		return &OpError{Op: "run the demo", Err: errors.New("a base of your own needs data"), Hint: "give --data train.jsonl and --eval test.jsonl"}
	}
	d := &demonstration{p: out(c), f: f, own: own}
	return d.play(c.Context())
}

// demonstration is a demo under way.
type demonstration struct {
	p   *printer
	f   *demoFlags
	own bool
	b   *base.Base
	m   *llm.Model
	net *localnet.Net

	evals   []evaluated // of round 0, 1, …
	prompts []prompt
}

type evaluated struct {
	round, microNats, tokens uint64
	checkpoint               digest.Digest
}

func (d *demonstration) play(ctx context.Context) (err error) {
	began := time.Now()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.b.Close()) }()
	if d.net != nil {
		defer func() { err = errors.Join(err, d.net.Close()) }()
	}
	for _, step := range []func(context.Context) error{d.before, d.open, d.watch, d.lineage, d.pay, d.revenue, d.after, d.export} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	took := time.Since(began).Round(time.Second)
	d.p.event("done", fields{"seconds": time.Since(began).Seconds()}, "\nDone in %s. Try: weft verify %s", took, filepath.Join(d.f.dst, "lineage"))
	return nil
}

// prepare opens the base, makes the token sets and starts the network.
func (d *demonstration) prepare(ctx context.Context) (err error) {
	f := d.f
	spec := trainer.DefaultSpec()
	if err := d.spec(&spec); err != nil {
		return failed("set the run up", "", err)
	}
	if d.b, d.m, _, err = f.open(); err != nil {
		return err
	}
	of, err := d.b.Digest()
	if err != nil {
		return failed("digest", f.base, err)
	}
	tok, err := d.b.TokenizerDigest()
	if err != nil {
		return failed("digest", f.base, err)
	}
	o := localnet.Options{Validators: f.validators, Trainers: f.trainers, BlockTime: 100 * time.Millisecond, Stream: demoStream, Model: d.m, Base: of, Tok: tok, Name: f.name,
		Adapter: f.hyperFlags.adapter(), Spec: spec, MaxShares: 1_000_000, Threads: max(1, runtime.GOMAXPROCS(0)/max(1, f.trainers)), Log: slog.New(slog.DiscardHandler), Tell: d.note}
	if f.verbose {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.Train, o.TrainID, err = d.set(f.train, 0); err != nil {
		return err
	}
	if o.Eval, o.EvalID, err = d.set(f.eval, f.evalRecords); err != nil {
		return err
	}
	o.Spec.Model, o.Spec.Tokens, o.Spec.Eval = o.Name, digest.Digest(o.TrainID), digest.Digest(o.EvalID)
	if err := problems(o.Spec.Problems()); err != nil {
		return &OpError{Op: "open the run", Err: err, Hint: "change the flags that are named"}
	}
	d.title(&o)
	d.net, err = localnet.Start(ctx, o)
	return failed("start the network", "", err)
}

func (d *demonstration) set(path string, limit int) (*data.TokenSet, digest.Digest, error) {
	s, err := readSet(d.b, path, d.f.seq, limit, d.f.columns)
	if err != nil {
		return nil, digest.Digest{}, err
	}
	raw, err := s.Encode()
	return s, digest.Sum(raw), failed("encode", path, err)
}

func (d *demonstration) spec(s *protocol.RunSpec) error {
	f := d.f
	if err := f.apply(s); err != nil {
		return err
	}
	var err error
	if s.Outer.LR, err = nano("outer-lr", f.outerLR); err != nil {
		return err
	}
	if s.Outer.Momentum, err = nano("outer-momentum", f.outerMomentum); err != nil {
		return err
	}
	if f.trainers < 1 || f.validators < 1 || f.inner < 1 || f.rounds < 1 {
		return errors.New("trainers, validators, inner-steps and rounds must be at least 1")
	}
	s.Outer.Nesterov, s.Codec, s.Numerics = f.nesterov, f.codec, f.numerics
	s.InnerSteps, s.Rounds = uint32(f.inner), uint32(f.rounds)
	s.MinTrainers, s.MaxTrainers, s.MinAttesters = uint32(f.trainers), uint32(f.trainers), uint32(f.validators)
	s.Budget = uint64(f.rounds) * s.RewardPerRound
	return nil
}

func (d *demonstration) title(o *localnet.Options) {
	n := 0
	for _, x := range []int{d.b.Config.Vocab * d.b.Config.Hidden} {
		n += x
	}
	for _, p := range llm.Projections {
		out, in := d.b.Config.Dims(p)
		n += out * in * d.b.Config.Layers
	}
	d.p.event("base", fields{"base": o.Base, "parameters": n, "numerics": d.f.numerics, "kernel": d.m.Kernel(), "train_records": len(o.Train.Sequences), "eval_records": len(o.Eval.Sequences),
		"train_set": o.TrainID, "eval_set": o.EvalID, "cut": o.Train.Meta.Cut},
		"Weft: one whole run on this machine\n\nbase       %.1f million parameters, %s (%s kernel)\n           %s\ndata       %d records to train on, %d to evaluate on, cut at %d tokens\nnetwork    %d validator(s) with an attester each, %d trainers",
		float64(n)/1e6, d.f.numerics, d.m.Kernel(), o.Base, len(o.Train.Sequences), len(o.Eval.Sequences), d.f.seq, d.f.validators, d.f.trainers)
}

func indent(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n           ") }
