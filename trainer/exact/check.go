package exact

import (
	"fmt"
	"math"
)

// Gen is the written integer generator of the conformance vectors' inputs: splitmix64 (Steele, Lea, Flood, 2014).
type Gen struct{ State uint64 }

// Next is the generator's next number.
func (g *Gen) Next() uint64 {
	g.State += 0x9e3779b97f4a7c15
	z := g.State
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Float is a random float32 with exponent lo … hi and a random sign; exponents are spread so that a wrong order of
// additions shows (numbers of one binade would hide it).
func (g *Gen) Float(lo, hi int) float32 {
	r := g.Next()
	exp := uint32(lo + int(r>>40)%(hi-lo+1) + 127)
	return math.Float32frombits(uint32(r&1)<<31 | exp<<23 | uint32(r>>8)&0x7fffff)
}

// Fill fills x with spread numbers; every seventh is near the flush bound 2^-40, and pairs cancel now and then.
func (g *Gen) Fill(x []float32) {
	for i := range x {
		switch r := g.Next() % 7; {
		case r == 0:
			x[i] = g.Float(-46, -38)
		case r == 1 && i > 0:
			x[i] = -x[i-1]
		default:
			x[i] = g.Float(-12, 0)
		}
	}
}

// Check runs the engine's kernels against the definitions on spread numbers and names the first that differs.
func (e *Engine) Check() error {
	def := &Engine{num: e.num, k: goKernel(e.num), threads: 1, scratch: make([]scratch, 1)}
	g := &Gen{State: 1}
	const n = 49
	x, y, w := make([]float32, n*n), make([]float32, n*n), make([]float32, n)
	g.Fill(x)
	g.Fill(y)
	g.Fill(w)
	def.Round(w, w)
	for _, op := range checks {
		got, want := make([]float32, n*n), make([]float32, n*n)
		op.run(e, got, x, y, w)
		op.run(def, want, x, y, w)
		for i := range got {
			if a, b := math.Float32bits(got[i]), math.Float32bits(want[i]); a != b {
				return fmt.Errorf("kernel %s (%s) fails conformance in %s: element %d is %08x, must be %08x", e.k.name, e.num, op.name, i, a, b)
			}
		}
	}
	return nil
}

var checks = []struct {
	name string
	run  func(e *Engine, out, x, y, w []float32)
}{
	{"round", func(e *Engine, out, x, _, _ []float32) { e.Round(out, x) }},
	{"scale", func(e *Engine, out, x, _, _ []float32) { e.Scale(out, x, 0.3) }},
	{"scale2", func(e *Engine, out, x, _, _ []float32) { e.Scale2(out, x, 0.3, 0.7) }},
	{"norm", func(e *Engine, out, x, _, w []float32) {
		out[len(w)] = e.RMSNorm(out[:len(w)], x[:len(w)], w, 1./49, 1e-5)
	}},
	{"normgrad", func(e *Engine, out, x, y, w []float32) {
		n := len(w)
		e.RMSNormGrad(out[:n], y[:n], w, x[:n], y[n:2*n], 1.5, 1./49)
	}},
	{"dot", func(e *Engine, out, x, y, _ []float32) { out[0] = e.Dot(x, y) }},
	{"expsum", func(e *Engine, out, x, _, _ []float32) { out[0] = e.ExpSum(out[1:], x[1:], Max(x)) }},
	{"softmaxgrad", func(e *Engine, out, x, y, _ []float32) { e.SoftmaxGrad(out, x, y, 0.1) }},
	{"swiglu", func(e *Engine, out, x, y, _ []float32) { e.SwiGLU(out, x, y) }},
	{"swiglugrad", func(e *Engine, out, x, y, w []float32) {
		n := len(w)
		e.SwiGLUGrad(out[:n], out[n:2*n], x[:n], y[:n], x[n:2*n])
	}},
	{"rotate", func(e *Engine, out, x, y, w []float32) {
		n := len(w)
		e.Rotate(out[:n], out[n:2*n], x[:n], y[:n], w, x[n:2*n])
	}},
	{"matmul", func(e *Engine, out, x, y, w []float32) {
		n := len(w)
		a, b := make([]float32, n*n), make([]float32, n*n)
		e.Round(a, x)
		e.Round(b, y)
		s := Seg{e.PackA(nil, Rows(a, n), n, n), e.PackB(nil, Rows(b, n).T(), n, n)}
		e.MatMul(out, n, n, n, false, s, s)
	}},
}
