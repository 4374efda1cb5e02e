package bench

import (
	"time"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// StepFlops counts the operations (a multiplication and an addition are two) of a training step over batch sequences of
// seq rows each, all of which predict, with a LoRA of the given rank on all seven projections:
//
//	frozen weights   2 forward and 2 for the input's gradient, per weight and row; the first layer's q, k and v need no
//	                 gradient of their input
//	head             the same 4 per weight and row
//	LoRA             per row, 2·rank·(in+out) forward, for the input's gradient, and for the factors' gradients
//	attention        4·size of a head forward (QKᵀ and PV) and 8 backward (dP, dV, dQ, dK), per head and per pair of a row
//	                 and a row that it sees
//
// What an engine computes twice to save memory does not count, nor do norms, rotations, softmax and the optimizer.
func StepFlops(c llm.Config, seq, batch, rank int) float64 {
	rows := float64(seq) * float64(batch)
	perRow := 4 * float64(c.Vocab) * float64(c.Hidden)
	for i, p := range llm.Projections {
		out, in := c.Dims(p)
		frozen, lora := 2*float64(out)*float64(in), 2*float64(rank)*float64(in+out)
		perRow += float64(c.Layers) * (2*frozen + 3*lora)
		if i < 3 { // q, k, v
			perRow -= frozen + 2*float64(rank)*float64(in)
		}
	}
	pairs := float64(batch) * float64(seq) * float64(seq+1) / 2
	return rows*perRow + 12*float64(c.Layers*c.Heads*c.Head)*pairs
}

// KernelPeak is the speed in FLOP/s of the engine's matrix product alone, on all its threads: each thread multiplies
// matrices that stay in its cache, and the best of many short runs counts.
func KernelPeak(numerics exact.Numerics, threads int) (float64, error) {
	const m, n, k = 192, 256, 512
	const runs, long = 12, 20 * time.Millisecond
	e, err := exact.New(numerics, threads)
	if err != nil {
		return 0, err
	}
	u := e.Units(k)
	ones := make([]float32, k)
	for i := range ones {
		ones[i] = 1
	}
	operands := func(rows int) []uint32 {
		x := make([]uint32, rows*u)
		for i := range rows {
			e.Round(x[i*u:][:u], ones)
		}
		return x
	}
	s := exact.Part(exact.Dense(operands(m), u), e.PackAlong(nil, operands(n), u, n, u))
	ld := e.Padded(n)
	multiply := func(repeats int) time.Duration {
		start := time.Now()
		e.Run(e.Threads(), func(_ int, t *exact.Thread) {
			c := t.Floats(0, m*ld)
			for range repeats {
				t.Product(c, ld, m, 0, t.Panels(n), false, s)
			}
		})
		return time.Since(start)
	}
	multiply(1) // memory is made
	repeats := 1 + int(long/multiply(1))
	best := multiply(repeats)
	for range runs {
		best = min(best, multiply(repeats))
	}
	return 2 * m * n * k * float64(repeats) * float64(e.Threads()) / best.Seconds(), nil
}
