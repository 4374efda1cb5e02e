package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/trainer/replay"
)

// Training is what is measured: steps over random tokens, with LoRA on all seven projections.
type Training struct {
	Base             string // name, for the report
	Config           llm.Config
	Numerics, Kernel string
	Threads          int
	Seq, Batch, Rank int
	Steps            int // measured, after one that is not
	MaxMemory        int64
}

// timed is a pass that knows where its time went; on other engines only the whole is known.
type timed interface {
	Times() []llm.OpTime
	ResetTimes()
}

// TrainingResult is what training took.
type TrainingResult struct {
	Bench       string      `json:"bench"` // train
	Base        string      `json:"base"`
	Numerics    string      `json:"numerics"`
	Kernel      string      `json:"kernel"`
	Threads     int         `json:"threads"`
	Seq         int         `json:"seq"`   // tokens of a sequence
	Batch       int         `json:"batch"` // sequences of a step
	Rank        int         `json:"rank"`
	Steps       int         `json:"steps"`
	MaxMemory   int64       `json:"max_memory"`             // bytes; 0: no limit
	Tokens      float64     `json:"tokens_per_second"`      // of the median step
	BestTokens  float64     `json:"tokens_per_second_best"` // of the fastest
	StepSeconds []float64   `json:"step_seconds"`
	StepFlops   float64     `json:"flops_per_step"`
	Flops       float64     `json:"flops_per_second"`
	KernelFlops float64     `json:"kernel_flops_per_second"` // of the matrix product alone
	KernelShare float64     `json:"kernel_share"`
	PeakMemory  *int64      `json:"peak_memory"` // bytes; null: the system does not say
	Allocations float64     `json:"allocations_per_step"`
	Operations  []Operation `json:"operations"`
}

// Operation is a part of a step.
type Operation struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"` // per step
	Share   float64 `json:"share"`
}

// Kind implements status.Event.
func (*TrainingResult) Kind() string { return "bench" }

// Text implements status.Event.
func (r *TrainingResult) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s kernel, %d thread(s), %d x %d tokens, rank %d\n", r.Base, r.Numerics, r.Kernel, r.Threads, r.Batch, r.Seq,
		r.Rank)
	fmt.Fprintf(&b, "speed         %.1f tokens/s median, %.1f best, of %d steps\n", r.Tokens, r.BestTokens, r.Steps)
	fmt.Fprintf(&b, "arithmetic    %.1f GFLOP/s, %.1f %% of the kernel's %.1f\n", r.Flops/1e9, 100*r.KernelShare, r.KernelFlops/1e9)
	fmt.Fprintf(&b, "peak memory   %s\nallocations   %.1f per step\nwhere the time goes, per step", gigabytes(r.PeakMemory), r.Allocations)
	for _, o := range r.Operations {
		fmt.Fprintf(&b, "\n  %-20s %9.1f ms  %5.1f %%", o.Name, 1e3*o.Seconds, 100*o.Share)
	}
	return b.String()
}

// trainBench is a training run on random tokens.
type trainBench struct {
	w      replay.Pass
	ad     *lora.Adapter
	grad   []float32 // [parameters]
	state  *optim.Moments
	inner  *optim.Optimizer
	batch  []llm.Sequence
	rng    *rand.Rand
	vocab  int
	steps  int
	update time.Duration // in the optimizer
}

// Adapter is the one that Train trains.
func (t *Training) Adapter() (*lora.Adapter, error) {
	ad, err := t.Config.NewAdapter(ckpt.AdapterSpec{Rank: t.Rank, Alpha: 2 * t.Rank, Targets: llm.Projections})
	if err != nil {
		return nil, err
	}
	ad.Init([32]byte{})
	return ad, nil
}

// Train measures training steps through a pass.
func Train(ctx context.Context, t Training, w replay.Pass) (*TrainingResult, error) {
	ad, err := t.Adapter()
	if err != nil {
		return nil, err
	}
	b := &trainBench{w: w, ad: ad, grad: make([]float32, len(ad.Params)), state: optim.NewMoments(len(ad.Params)),
		inner: optim.New(optim.AdamW{LR: 1e-4, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1, Schedule: "constant"}),
		rng:   rand.New(rand.NewPCG(1, 2)), vocab: t.Config.Vocab}
	for range t.Batch { // the last token is only predicted, so seq rows are computed
		s := llm.Sequence{IDs: make([]int32, t.Seq+1), Loss: make([]bool, t.Seq+1)}
		for i := range s.Loss {
			s.Loss[i] = i > 0
		}
		b.batch = append(b.batch, s)
	}
	if _, err := b.step(); err != nil { // buffers grow, copies of weights are made
		return nil, err
	}
	r := &TrainingResult{Bench: "train", Base: t.Base, Numerics: t.Numerics, Kernel: t.Kernel, Threads: t.Threads, Seq: t.Seq, Batch: t.Batch,
		Rank:  t.Rank,
		Steps: t.Steps, MaxMemory: t.MaxMemory, StepFlops: StepFlops(t.Config, t.Seq, t.Batch, t.Rank)}
	if r.Threads == 0 {
		r.Threads = runtime.GOMAXPROCS(0)
	}
	times, err := b.measure(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.KernelFlops, err = KernelPeak(exact.Numerics(t.Numerics), t.Threads); err != nil {
		return nil, err
	}
	r.Tokens, r.BestTokens = speeds(float64(t.Seq*t.Batch), times)
	r.Flops, _ = speeds(r.StepFlops, times)
	r.KernelShare, r.StepSeconds, r.PeakMemory = r.Flops/r.KernelFlops, secondsOf(times), PeakMemory()
	return r, nil
}

// step trains on a fresh batch and returns how long that took, the drawing of the batch left out.
func (b *trainBench) step() (time.Duration, error) {
	for _, s := range b.batch {
		for i := range s.IDs {
			s.IDs[i] = int32(b.rng.IntN(b.vocab))
		}
	}
	start := time.Now()
	clear(b.grad)
	l, err := b.w.Grad(b.grad, b.ad, nil, b.batch)
	if err != nil {
		return 0, err
	}
	graded := time.Now()
	if _, ok := b.inner.Step(b.w.Run, b.ad, b.state, b.grad, len(l.NLL), b.steps); !ok || !l.Finite {
		return 0, fmt.Errorf("step %d is not finite: this is a defect", b.steps)
	}
	b.steps++
	b.update += time.Since(graded)
	return time.Since(start), nil
}

// measure takes the steps that count.
func (b *trainBench) measure(ctx context.Context, r *TrainingResult) ([]time.Duration, error) {
	times := make([]time.Duration, 0, r.Steps)
	parts, timed := b.w.(timed)
	if timed {
		parts.ResetTimes()
	}
	b.update = 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var total time.Duration
	for range r.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := b.step()
		if err != nil {
			return nil, err
		}
		times = append(times, d)
		total += d
	}
	runtime.ReadMemStats(&after)
	r.Allocations = float64(after.Mallocs-before.Mallocs) / float64(r.Steps)
	var ops []llm.OpTime
	if timed {
		ops = parts.Times()
	}
	ops = append(ops, llm.OpTime{Name: "optimizer", Total: b.update})
	rest := total
	for _, o := range ops {
		rest -= o.Total
	}
	for _, o := range append(ops, llm.OpTime{Name: "the rest", Total: rest}) {
		r.Operations = append(r.Operations, Operation{o.Name, o.Total.Seconds() / float64(r.Steps), o.Total.Seconds() / total.Seconds()})
	}
	return times, nil
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
