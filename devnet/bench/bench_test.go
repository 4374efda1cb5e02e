package bench

import (
	"math"
	"testing"
	"time"

	"github.com/weftnet/weft/devnet/shapes"
	"github.com/weftnet/weft/trainer/exact"
)

// TestStepFlops compares with a count by hand of SmolLM2-135M at 256 tokens, in million operations a token.
func TestStepFlops(t *testing.T) {
	c, err := shapes.Config("smollm2-135m")
	if err != nil {
		t.Fatal(err)
	}
	const weights = 106168320 // of the projections: 30 · (576·(576+192+192+576) + 3·576·1536)
	const saved = 576 * (576 + 192 + 192)
	const head = 49152 * 576
	const factors = 2442240 // of rank 8
	const attention = 12 * 30 * 9 * 64 * 257 / 2
	want := 256 * 4 * (4.0*weights - 2*saved + 4*head + 6*factors - 2*8*3*576 + attention)
	if got := StepFlops(c, 256, 4, 8); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("%g operations, counted %g", got, want)
	}
}

func TestSpeeds(t *testing.T) {
	ms := time.Millisecond
	if m, b := speeds(10, []time.Duration{400 * ms, 100 * ms, 200 * ms}); m != 50 || b != 100 {
		t.Errorf("odd: %g and %g", m, b)
	}
	if m, _ := speeds(10, []time.Duration{100 * ms, 300 * ms}); m != 50 {
		t.Errorf("even: %g", m)
	}
}

func TestKernelPeak(t *testing.T) {
	if p, err := KernelPeak(exact.F32, 1); err != nil || p < 1e8 || p > 1e13 {
		t.Errorf("%g FLOP/s (%v)", p, err)
	}
}
