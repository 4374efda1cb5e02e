package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/devnet/shapes"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// benchFlags are what the benchmarks share: a base from a folder or a shape with random weights, and how to run it.
type benchFlags struct {
	modelFlags
	shape        string
	batch, steps int
}

const defaultShape = "smollm2-135m"

func benchCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine trains and generates",
		Long: "bench measures on the weights of a base (--base DIR), or on random weights of a well-known shape (--shape NAME), which\n" +
			"take the same time. Shapes: " + strings.Join(shapes.Names(), ", ") + ".\nThe environment variable WEFT_ENGINE forces a kernel.",
		Args: cobra.NoArgs,
	}
	c.AddCommand(benchTrainCmd(), benchGenerateCmd())
	return c
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

func benchError(err error, hint string) error { return &OpError{Op: "measure", Err: err, Hint: hint} }

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
		b, m, _, err := f.open()
		if err != nil {
			return "", nil, err
		}
		return f.base, m, failed("close the base", f.base, b.Close())
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
	return f.shape, m, failed("make the weights of", f.shape, err)
}

// speeds are the median and the best rate of repetitions that each did the same work.
func speeds(work float64, times []time.Duration) (median, best float64) {
	s := slices.Sorted(slices.Values(times))
	n := len(s)
	middle := (s[(n-1)/2] + s[n/2]).Seconds() / 2
	return work / middle, work / s[0].Seconds()
}

func secondsOf(times []time.Duration) []float64 {
	s := make([]float64, len(times))
	for i, t := range times {
		s[i] = t.Seconds()
	}
	return s
}
