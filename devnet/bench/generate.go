package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/weftnet/weft/trainer/llm"
)

// Generation is what is measured: reading random prompts (prefill) and writing tokens after them (decode), greedily.
type Generation struct {
	Base                  string // name, for the report
	Threads               int
	Prompt, Tokens, Batch int
	Steps                 int // measured repetitions, after one that is not
}

// GenerationResult is what generation took.
type GenerationResult struct {
	Bench          string    `json:"bench"` // generate
	Base           string    `json:"base"`
	Numerics       string    `json:"numerics"`
	Kernel         string    `json:"kernel"`
	Threads        int       `json:"threads"`
	Prompt         int       `json:"prompt"` // tokens of a prompt
	Tokens         int       `json:"tokens"` // written after it
	Batch          int       `json:"batch"`  // prompts at a time
	Steps          int       `json:"steps"`
	Prefill        float64   `json:"prefill_tokens_per_second"`
	BestPrefill    float64   `json:"prefill_tokens_per_second_best"`
	Decode         float64   `json:"decode_tokens_per_second"`
	BestDecode     float64   `json:"decode_tokens_per_second_best"`
	PrefillSeconds []float64 `json:"prefill_seconds"`
	DecodeSeconds  []float64 `json:"decode_seconds"`
	PeakMemory     *int64    `json:"peak_memory"` // bytes; null: the system does not say
}

// Kind implements status.Event.
func (*GenerationResult) Kind() string { return "bench" }

// Text implements status.Event.
func (r *GenerationResult) Text() string {
	return fmt.Sprintf("%s, %s, %s kernel, %d thread(s), %d prompt(s) of %d tokens, %d written\n"+
		"prefill       %.1f tokens/s median, %.1f best\ndecode        %.1f tokens/s median, %.1f best, of %d repetitions\npeak memory   %s",
		r.Base, r.Numerics, r.Kernel, r.Threads, r.Batch, r.Prompt, r.Tokens, r.Prefill, r.BestPrefill, r.Decode, r.BestDecode,
		r.Steps, gigabytes(r.PeakMemory))
}

// Generate measures a base.
func Generate(ctx context.Context, g Generation, m *llm.Model) (*GenerationResult, error) {
	var prefill, decode []time.Duration
	for i := range g.Steps + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		runtime.GC() // the next repetition uses the memory of the last one
		a, b, err := g.once(m)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			prefill, decode = append(prefill, a), append(decode, b)
		}
	}
	r := &GenerationResult{Bench: "generate", Base: g.Base, Numerics: string(m.Numerics()), Kernel: m.Kernel(), Threads: g.Threads,
		Prompt: g.Prompt,
		Tokens: g.Tokens, Batch: g.Batch, Steps: g.Steps, PrefillSeconds: secondsOf(prefill), DecodeSeconds: secondsOf(decode),
		PeakMemory: PeakMemory()}
	if r.Threads == 0 {
		r.Threads = runtime.GOMAXPROCS(0)
	}
	r.Prefill, r.BestPrefill = speeds(float64(g.Prompt*g.Batch), prefill)
	r.Decode, r.BestDecode = speeds(float64(g.Tokens*g.Batch), decode)
	return r, nil
}

// once reads random prompts and writes tokens after them.
func (g *Generation) once(m *llm.Model) (prefill, decode time.Duration, err error) {
	x := m.NewGenerator(nil, llm.Sampling{}, g.Threads, g.Batch)
	rng := rand.New(rand.NewPCG(1, 2))
	seqs, next := make([]int, g.Batch), make([][]int32, g.Batch)
	for i := range seqs {
		seqs[i] = i
		for range g.Prompt {
			next[i] = append(next[i], int32(rng.IntN(m.Config.Vocab)))
		}
	}
	start := time.Now()
	logits, err := x.ExtendBatch(seqs, next)
	if err != nil {
		return 0, 0, err
	}
	prefill = time.Since(start)
	start = time.Now()
	for range g.Tokens {
		for i := range next {
			next[i] = append(next[i][:0], x.Pick(logits[i]))
		}
		if logits, err = x.ExtendBatch(seqs, next); err != nil {
			return 0, 0, err
		}
	}
	return prefill, time.Since(start), nil
}
