package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/llm"
)

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
			return benchGenerate(c.Context(), out(c), &f)
		},
	}
	f.register(c, 1)
	c.Flags().IntVar(&f.prompt, "prompt", 256, "tokens of a prompt")
	c.Flags().IntVar(&f.tokens, "tokens", 64, "tokens to write after it")
	return c
}

func benchGenerate(ctx context.Context, p *printer, f *benchGenerateFlags) error {
	name, m, err := f.load()
	if err != nil {
		return err
	}
	if err := f.fits(m.Config, f.prompt+f.tokens, "--prompt or --tokens"); err != nil {
		return err
	}
	var prefill, decode []time.Duration
	for i := range f.steps + 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		runtime.GC() // the next repetition uses the memory of the last one
		a, b, err := f.once(m)
		if err != nil {
			return failed("generate with", name, err)
		}
		if i > 0 {
			prefill, decode = append(prefill, a), append(decode, b)
		}
	}
	return f.print(p, name, m, prefill, decode)
}

// once reads random prompts and writes tokens after them.
func (f *benchGenerateFlags) once(m *llm.Model) (prefill, decode time.Duration, err error) {
	g := m.NewGenerator(nil, llm.Sampling{}, f.threads, f.batch)
	rng := rand.New(rand.NewPCG(1, 2))
	seqs, next := make([]int, f.batch), make([][]int32, f.batch)
	for i := range seqs {
		seqs[i] = i
		for range f.prompt {
			next[i] = append(next[i], int32(rng.IntN(m.Config.Vocab)))
		}
	}
	start := time.Now()
	logits, err := g.ExtendBatch(seqs, next)
	if err != nil {
		return 0, 0, err
	}
	prefill = time.Since(start)
	start = time.Now()
	for range f.tokens {
		for i := range next {
			next[i] = append(next[i][:0], g.Pick(logits[i]))
		}
		if logits, err = g.ExtendBatch(seqs, next); err != nil {
			return 0, 0, err
		}
	}
	return prefill, time.Since(start), nil
}

func (f *benchGenerateFlags) print(p *printer, name string, m *llm.Model, prefill, decode []time.Duration) error {
	pm, pb := speeds(float64(f.prompt*f.batch), prefill)
	dm, db := speeds(float64(f.tokens*f.batch), decode)
	memory, memoryText := memoryFields()
	threads := f.threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return p.value(fields{"bench": "generate", "base": name, "numerics": m.Numerics(), "kernel": m.Kernel(), "threads": threads, "prompt": f.prompt,
		"tokens": f.tokens, "batch": f.batch, "steps": f.steps, "prefill_tokens_per_second": pm, "prefill_tokens_per_second_best": pb,
		"decode_tokens_per_second": dm, "decode_tokens_per_second_best": db, "prefill_seconds": secondsOf(prefill), "decode_seconds": secondsOf(decode), "peak_memory": memory},
		"%s, %s, %s kernel, %d thread(s), %d prompt(s) of %d tokens, %d written\n"+
			"prefill       %.1f tokens/s median, %.1f best\ndecode        %.1f tokens/s median, %.1f best, of %d repetitions\npeak memory   %s",
		name, m.Numerics(), m.Kernel(), threads, f.batch, f.prompt, f.tokens, pm, pb, dm, db, f.steps, memoryText)
}
