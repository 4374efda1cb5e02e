package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/devnet/demo"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/x/round/protocol"
)

type demoFlags struct {
	engineFlags
	adapterFlags
	spec                                protocol.RunSpec
	train, eval, columns, dst, name     string
	evalRecords, validators, trainerNum int
	verbose                             bool
}

// demoFields are the settings of the run that demo takes as flags, after those of training.
var demoFields = []string{"inner-steps", "rounds", "outer-lr", "outer-momentum", "nesterov", "codec"}

// demoQuestions are answered before and after the run.
const demoQuestions = 3

func demoCmd() *cobra.Command {
	f := demoFlags{spec: runspec.Default()}
	// What suits the tiny base of the demo's own.
	f.spec.Inner.LR, f.spec.Batch, f.spec.SeqLen, f.spec.InnerSteps, f.spec.Rounds = 2e6, 4, 96, 10, 4
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play one whole run on this machine: vote, rounds, lineage, pay, revenue, claims",
		Long: "demo starts a chain with its validators, attesters and trainers inside this process, lets governance open a run, trains,\n" +
			"pays, and writes the adapter as a folder that PEFT opens. Without --base it uses a tiny base of its own.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return playDemo(c, &f) },
	}
	f.engineFlags.register(c, exact.BFloat16)
	f.adapterFlags.register(c)
	runspec.Bind(c.Flags(), &f.spec, slices.Concat(trainingFlags, demoFields)...)
	memoryFlag(c, &f.maxMemory)
	fs := c.Flags()
	fs.StringVar(&f.train, "data", "", "JSONL file or token set to train on (with --base)")
	fs.StringVar(&f.eval, "eval", "", "JSONL file to evaluate on (with --base)")
	fs.StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	fs.IntVar(&f.evalRecords, "eval-records", 0, "evaluation records (0: all)")
	fs.IntVar(&f.validators, "validators", 1, "validators, each with an attester")
	fs.IntVar(&f.trainerNum, "trainers", 3, "trainers")
	fs.StringVar(&f.name, "name", "demo", "name of the model")
	fs.StringVar(&f.dst, "out", "weft-demo",
		"folder for the adapter and the lineage (without this flag, weft-demo-2 and so on once it exists)")
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

func playDemo(c *cobra.Command, f *demoFlags) (err error) {
	if !c.Flags().Changed("out") {
		f.dst = free(f.dst)
	}
	if err := f.check(); err != nil {
		return err
	}
	baseNamed := f.base
	if f.base == "" {
		dir, err := os.MkdirTemp("", "weft-tiny-")
		if err != nil {
			return operror.Wrap("make a folder", "", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		if err := tiny.Write(dir); err != nil {
			return operror.Wrap("write the tiny base", dir, err)
		}
		f.base, f.train, f.eval = filepath.Join(dir, tiny.Base), filepath.Join(dir, tiny.Train), filepath.Join(dir, tiny.Eval)
	}
	x, err := f.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	p := out.New(c)
	cfg := demo.Config{Base: x.Base, Model: x.model, Name: f.name, Adapter: f.adapterFlags.spec(), Spec: f.spec, Validators: f.validators,
		Trainers: f.trainerNum, Out: f.dst, Log: slog.New(slog.DiscardHandler), Emit: p.Emit}
	if f.verbose {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if baseNamed != "" {
		cfg.BaseName = baseName(baseNamed)
	}
	if err := f.sets(x, &cfg); err != nil {
		return err
	}
	if err := demo.Play(c.Context(), cfg); err != nil {
		return err
	}
	return p.Err()
}

// check refuses settings that cannot be carried out, before anything is loaded.
func (f *demoFlags) check() error {
	if err := fresh(f.dst, "--out"); err != nil {
		return err
	}
	if f.base != "" && (f.train == "" || f.eval == "") {
		return &operror.Error{Op: "run the demo", Err: errors.New("a base of your own needs data"),
			Hint: "give --data train.jsonl and --eval test.jsonl"}
	}
	if f.base == "" && (f.train != "" || f.eval != "") {
		return &operror.Error{Op: "run the demo", Err: errors.New("data of your own needs a base of your own"),
			Hint: "give --base DIR, or leave --data and --eval away"}
	}
	if f.trainerNum < 1 || f.validators < 1 || f.evalRecords < 0 {
		return &operror.Error{Op: "run the demo", Err: fmt.Errorf("--trainers is %d, --validators %d, --eval-records %d", f.trainerNum,
			f.validators, f.evalRecords),
			Hint: "give --trainers and --validators at least 1, --eval-records at least 0"}
	}
	s := f.spec
	s.Numerics, s.Model = f.numerics, f.name
	s.MinTrainers, s.MaxTrainers, s.MinAttesters = uint32(f.trainerNum), uint32(f.trainerNum), uint32(f.validators)
	s.Budget = uint64(s.Rounds) * s.RewardPerRound
	s.Tokens[0], s.Eval[0] = 1, 2 // the sets are not read yet; nothing is wrong with them
	f.spec.Numerics = f.numerics
	return operror.Hinted("open the run", "", runspec.Problems(s.Problems()), "change the flags that are named")
}

// sets reads what is trained and evaluated on, checks that a step fits into the memory, and picks the questions.
func (f *demoFlags) sets(x *engine, cfg *demo.Config) (err error) {
	seq := int(f.spec.SeqLen)
	if cfg.Train, err = readSet(x.Base, f.train, seq, 0, f.columns); err != nil {
		return err
	}
	if cfg.Eval, err = readSet(x.Base, f.eval, seq, f.evalRecords, f.columns); err != nil {
		return err
	}
	ad, err := x.Config.NewAdapter(cfg.Adapter)
	if err != nil {
		return operror.Hinted("make the adapter", "", err, "correct --rank, --alpha or --targets")
	}
	if err := enough(f.maxMemory, x.model.NewWork(f.threads), ad, seq); err != nil {
		return err
	}
	ds, err := readRecords(f.eval, demoQuestions, f.columns)
	cfg.Questions = ds.Records
	return err
}
