package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
)

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
			return benchTrain(c.Context(), out(c), &f)
		},
	}
	f.register(c, 4)
	c.Flags().IntVar(&f.seq, "seq", 256, "tokens of a sequence")
	c.Flags().IntVar(&f.rank, "rank", 8, "LoRA rank")
	memoryFlag(c, &f.maxMemory)
	return c
}

func benchTrain(ctx context.Context, p *printer, f *benchTrainFlags) error {
	name, m, err := f.load()
	if err != nil {
		return err
	}
	if err := f.fits(m.Config, f.seq, "--seq"); err != nil {
		return err
	}
	s, err := newTrainBench(m, f)
	if err != nil {
		return benchError(err, "give --rank a number from 1 to 1024")
	}
	if _, err := s.step(); err != nil { // buffers grow, copies of weights are made
		return failed("train", name, err)
	}
	r, err := s.measure(ctx, f.steps)
	if err != nil {
		return failed("train", name, err)
	}
	if r.peak, err = kernelPeak(m.Numerics(), s.threads); err != nil {
		return failed("measure the kernel", "", err)
	}
	return r.print(p, name, m, f)
}

// trainBench is a training run on random tokens.
type trainBench struct {
	w       *llm.Work
	ad      *lora.Adapter
	grad    []float32
	state   *optim.State
	adamw   optim.AdamW
	batch   []llm.Sequence
	rng     *rand.Rand
	vocab   int
	threads int
	steps   int
	flops   float64       // of a step
	update  time.Duration // in the optimizer
}

func newTrainBench(m *llm.Model, f *benchTrainFlags) (*trainBench, error) {
	ad, err := m.Config.NewAdapter(lora.Spec{Rank: f.rank, Alpha: 2 * f.rank, Targets: llm.Projections})
	if err != nil {
		return nil, err
	}
	ad.Init([32]byte{})
	b := &trainBench{w: m.NewWork(f.threads), ad: ad, grad: make([]float32, len(ad.Params)), state: optim.NewState(len(ad.Params)),
		adamw: optim.AdamW{LR: 1e-4, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1, Schedule: "constant"},
		rng:   rand.New(rand.NewPCG(1, 2)), vocab: m.Config.Vocab, threads: f.threads, flops: stepFlops(m.Config, f.seq, f.batch, f.rank)}
	b.state.Run = b.w.Runner()
	if b.threads == 0 {
		b.threads = runtime.GOMAXPROCS(0)
	}
	for range f.batch { // the last token is only predicted, so seq rows are computed
		s := llm.Sequence{IDs: make([]int32, f.seq+1), Loss: make([]bool, f.seq+1)}
		for i := range s.Loss {
			s.Loss[i] = i > 0
		}
		b.batch = append(b.batch, s)
	}
	return b, nil
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
	if _, ok := b.adamw.Step(b.ad, b.state, b.grad, len(l.NLL), b.steps); !ok || !l.Finite {
		return 0, fmt.Errorf("step %d is not finite: this is a defect", b.steps)
	}
	b.steps++
	b.update += time.Since(graded)
	return time.Since(start), nil
}

// trained is what measured steps took.
type trained struct {
	times      []time.Duration
	flops      float64 // of a step
	peak       float64 // FLOP/s of the kernel alone
	mallocs    float64 // per step
	threads    int
	operations []llm.OpTime // sums over the steps
}

func (b *trainBench) measure(ctx context.Context, steps int) (*trained, error) {
	r := &trained{times: make([]time.Duration, 0, steps), flops: b.flops, threads: b.threads}
	b.w.ResetTimes()
	b.update = 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var total time.Duration
	for range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := b.step()
		if err != nil {
			return nil, err
		}
		r.times = append(r.times, d)
		total += d
	}
	runtime.ReadMemStats(&after)
	r.mallocs = float64(after.Mallocs-before.Mallocs) / float64(steps)
	r.operations = append(b.w.Times(), llm.OpTime{Name: "optimizer", Total: b.update})
	for _, o := range r.operations {
		total -= o.Total
	}
	r.operations = append(r.operations, llm.OpTime{Name: "the rest", Total: total})
	return r, nil
}

func (r *trained) print(p *printer, name string, m *llm.Model, f *benchTrainFlags) error {
	median, best := speeds(float64(f.seq*f.batch), r.times)
	rate, _ := speeds(r.flops, r.times)
	memory, memoryText := memoryFields()
	type operation struct {
		Name    string  `json:"name"`
		Seconds float64 `json:"seconds"` // per step
		Share   float64 `json:"share"`
	}
	var total time.Duration
	for _, t := range r.times {
		total += t
	}
	var ops []operation
	var table strings.Builder
	for _, o := range r.operations {
		x := operation{o.Name, o.Total.Seconds() / float64(len(r.times)), o.Total.Seconds() / total.Seconds()}
		ops = append(ops, x)
		fmt.Fprintf(&table, "\n  %-20s %9.1f ms  %5.1f %%", x.Name, 1e3*x.Seconds, 100*x.Share)
	}
	return p.value(fields{"bench": "train", "base": name, "numerics": m.Numerics(), "kernel": m.Kernel(), "threads": r.threads, "seq": f.seq, "batch": f.batch,
		"rank": f.rank, "steps": f.steps, "max_memory": int64(f.maxMemory), "tokens_per_second": median, "tokens_per_second_best": best, "step_seconds": secondsOf(r.times),
		"flops_per_step": r.flops, "flops_per_second": rate, "kernel_flops_per_second": r.peak, "kernel_share": rate / r.peak,
		"peak_memory": memory, "allocations_per_step": r.mallocs, "operations": ops},
		"%s, %s, %s kernel, %d thread(s), %d x %d tokens, rank %d\n"+
			"speed         %.1f tokens/s median, %.1f best, of %d steps\narithmetic    %.1f GFLOP/s, %.1f %% of the kernel's %.1f\n"+
			"peak memory   %s\nallocations   %.1f per step\nwhere the time goes, per step%s",
		name, m.Numerics(), m.Kernel(), r.threads, f.batch, f.seq, f.rank, median, best, f.steps, rate/1e9, 100*rate/r.peak, r.peak/1e9, memoryText, r.mallocs, table.String())
}
