package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/devnet/bench"
	"github.com/weftnet/weft/devnet/shapes"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/operror"
)

// benchFlags are what the benchmarks share: a base from a folder or a shape with random weights, and how to run it.
type benchFlags struct {
	engineFlags
	shape        string
	batch, steps int
}

const defaultShape = "smollm2-135m"

func benchCmd() *cobra.Command {
	return group(&cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine trains and generates",
		Long: "bench measures on the weights of a base (--base DIR), or on random weights of a well-known shape (--shape NAME), which\n" +
			"take the same time. Shapes: " + strings.Join(shapes.Names(), ", ") + ".\nThe environment variable WEFT_ENGINE forces a kernel.",
	}, benchTrainCmd(), benchGenerateCmd())
}

func (f *benchFlags) register(c *cobra.Command, batch int) {
	c.Flags().StringVar(&f.base, "base", "", "folder of a base to measure on")
	c.Flags().StringVar(&f.shape, "shape", defaultShape, "shape to measure on, with random weights: "+strings.Join(shapes.Names(), ", "))
	c.Flags().StringVar(&f.numerics, "numerics", string(exact.BFloat16), "arithmetic: "+string(exact.BFloat16)+" or "+string(exact.F32))
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (0: all processors)")
	c.Flags().IntVar(&f.batch, "batch", batch, "sequences at a time")
	c.Flags().IntVar(&f.steps, "steps", 5, "measured repetitions, after one that is not counted")
}

// check refuses settings that cannot be measured; more are numbers that must be at least 1, by the names of their flags.
func (f *benchFlags) check(c *cobra.Command, more map[string]int) error {
	if f.base != "" && c.Flags().Changed("shape") {
		return benchError(errors.New("--base and --shape name two bases"), "give one of them")
	}
	if f.threads < 0 {
		return benchError(fmt.Errorf("there cannot be %d threads", f.threads), "give --threads 0 for all processors, or a number of them")
	}
	more["batch"], more["steps"] = f.batch, f.steps
	for _, name := range slices.Sorted(maps.Keys(more)) {
		if more[name] < 1 {
			return benchError(fmt.Errorf("%s is %d", name, more[name]), "give --"+name+" a number of at least 1")
		}
	}
	return nil
}

func benchError(err error, hint string) error { return operror.Hinted("measure", "", err, hint) }

// fits refuses sequences that the base has no positions for.
func (f *benchFlags) fits(c llm.Config, tokens int, flags string) error {
	if tokens <= c.MaxPositions {
		return nil
	}
	return benchError(fmt.Errorf("%d tokens exceed the base's %d positions", tokens, c.MaxPositions), "lower "+flags)
}

// load lays the base out and names it.
func (f *benchFlags) load() (name string, m *llm.Model, err error) {
	if f.base != "" {
		x, err := f.open()
		if err != nil {
			return "", nil, err
		}
		return f.base, x.model, operror.Wrap("close the base", f.base, x.Close())
	}
	cfg, err := shapes.Config(f.shape)
	if err != nil {
		return "", nil, benchError(err, "give one of these to --shape, or a folder to --base")
	}
	num, err := exact.ParseNumerics(f.numerics)
	if err != nil {
		return "", nil, benchError(err, "give one of these to --numerics")
	}
	e, err := newEngine(num, f.threads)
	if err != nil {
		return "", nil, err
	}
	m, err = loadQuietly(func() (*llm.Model, error) { return llm.Load(cfg, shapes.Weights{Config: cfg}, e, int64(f.maxMemory)) })
	return f.shape, m, operror.Hinted("make the weights of", f.shape, err, "take a smaller --shape")
}

type benchTrainFlags struct {
	benchFlags
	seq, rank int
}

func benchTrainCmd() *cobra.Command {
	var f benchTrainFlags
	c := &cobra.Command{
		Use:   "train",
		Short: "Measure training steps: forward, backward and optimizer, LoRA on all seven projections, every token weighted",
		Args:  cobra.NoArgs,
		Example: "  weft bench train --seq 256 --batch 4\n" +
			"  weft bench train --shape smollm2-1.7b --batch 1 --max-memory 8GB --steps 2",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(c, map[string]int{"seq": f.seq, "rank": f.rank}); err != nil {
				return err
			}
			return benchTrain(c.Context(), out.New(c), &f)
		},
	}
	f.register(c, 4)
	c.Flags().IntVar(&f.seq, "seq", 256, "tokens of a sequence")
	c.Flags().IntVar(&f.rank, "rank", 8, "LoRA rank")
	memoryFlag(c, &f.maxMemory)
	return c
}

func benchTrain(ctx context.Context, p *out.Printer, f *benchTrainFlags) error {
	name, m, err := f.load()
	if err != nil {
		return err
	}
	if err := f.fits(m.Config, f.seq, "--seq"); err != nil {
		return err
	}
	t := bench.Training{Base: name, Config: m.Config, Numerics: string(m.Numerics()), Kernel: m.Kernel(), Threads: f.threads, Seq: f.seq,
		Batch: f.batch,
		Rank:  f.rank, Steps: f.steps, MaxMemory: int64(f.maxMemory)}
	ad, err := t.Adapter()
	if err != nil {
		return benchError(err, "give --rank a number from 1 to 1024")
	}
	w := m.NewWork(f.threads)
	if err := enough(f.maxMemory, w, ad, f.seq); err != nil {
		return err
	}
	r, err := bench.Train(ctx, t, w)
	if err != nil {
		return operror.Wrap("train", name, err)
	}
	p.Emit(r)
	return p.Err()
}

type benchGenerateFlags struct {
	benchFlags
	prompt, tokens int
}

func benchGenerateCmd() *cobra.Command {
	var f benchGenerateFlags
	c := &cobra.Command{
		Use:     "generate",
		Short:   "Measure reading a prompt (prefill) and writing tokens after it (decode), greedily",
		Args:    cobra.NoArgs,
		Example: "  weft bench generate --prompt 256 --tokens 64\n  weft bench generate --base models/smollm2 --batch 8",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(c, map[string]int{"prompt": f.prompt, "tokens": f.tokens}); err != nil {
				return err
			}
			name, m, err := f.load()
			if err != nil {
				return err
			}
			if err := f.fits(m.Config, f.prompt+f.tokens, "--prompt or --tokens"); err != nil {
				return err
			}
			r, err := bench.Generate(c.Context(), bench.Generation{Base: name, Threads: f.threads, Prompt: f.prompt, Tokens: f.tokens,
				Batch: f.batch, Steps: f.steps}, m)
			if err != nil {
				return operror.Wrap("generate with", name, err)
			}
			p := out.New(c)
			p.Emit(r)
			return p.Err()
		},
	}
	f.register(c, 1)
	c.Flags().IntVar(&f.prompt, "prompt", 256, "tokens of a prompt")
	c.Flags().IntVar(&f.tokens, "tokens", 64, "tokens to write after it")
	return c
}
