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

// Fill fills x [n] with spread numbers; every seventh is near the flush bound 2^-40, and pairs cancel now and then.
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
	def := newEngine(arith{num: e.num, k: goKernel()}, 1)
	g := &Gen{State: 1}
	const n = 49
	x, y, w := make([]float32, n*n), make([]float32, n*n), make([]float32, n) // [n][n], [n][n], [n]
	g.Fill(x)
	g.Fill(y)
	g.Fill(w)
	for i, v := range w {
		w[i] = Z(v)
	}
	for _, op := range checks {
		got, want := op.run(e.Thread(), x, y, w), op.run(def.Thread(), x, y, w)
		for i := range got {
			if got[i] != want[i] {
				return fmt.Errorf("kernel %s (%s) fails conformance in %s: word %d is %08x, must be %08x", e.k.name, e.num, op.name, i, got[i], want[i])
			}
		}
	}
	return nil
}

// bits are the bits of float32 results, one after the other.
func bits(xs ...[]float32) (out []uint32) {
	for _, x := range xs {
		for _, v := range x {
			out = append(out, math.Float32bits(v))
		}
	}
	return out
}

// stored are operands [n] that f writes.
func (t *Thread) stored(n int, f func(dst []uint32)) []uint32 {
	dst := make([]uint32, t.Units(n))
	f(dst)
	return dst
}

// operands are x [n] as operands [n].
func (t *Thread) operands(x []float32) []uint32 {
	return t.stored(len(x), func(dst []uint32) { t.Round(dst, x) })
}

// checks take x and y [49][49] and flushed weights w [49], and return the bits of what the operation writes.
var checks = []struct {
	name string
	run  func(t *Thread, x, y, w []float32) []uint32
}{
	{"round", func(t *Thread, x, _, _ []float32) []uint32 { return t.operands(x) }},
	{"fetch", func(t *Thread, x, _, _ []float32) []uint32 {
		out := make([]float32, len(x))
		t.Fetch(out, t.operands(x))
		return bits(out)
	}},
	{"scale", func(t *Thread, x, _, _ []float32) []uint32 {
		return t.stored(len(x), func(d []uint32) { t.Scale(d, x, 0.3) })
	}},
	{"scale2", func(t *Thread, x, _, _ []float32) []uint32 {
		return t.stored(len(x), func(d []uint32) { t.Scale2(d, x, 0.3, 0.7) })
	}},
	{"norm", func(t *Thread, x, _, w []float32) []uint32 {
		n := len(w)
		r := t.RMS(x[:n], 1./49, 1e-5)
		f := make([]float32, n)
		t.NormFloats(f, x[:n], w, r)
		return append(t.stored(n, func(d []uint32) { t.Norm(d, x[:n], w, r) }), bits(f, []float32{r})...)
	}},
	{"norm gradient", func(t *Thread, x, y, w []float32) []uint32 {
		n := len(w)
		out := make([]float32, n)
		t.NormGrad(out, y[:n], w, x[:n], y[n:2*n], 1.5, 1./49)
		return bits(out)
	}},
	{"dot", func(t *Thread, x, y, _ []float32) []uint32 {
		return bits([]float32{t.Dot(t.operands(x), t.operands(y), len(x))})
	}},
	{"softmax", func(t *Thread, x, _, _ []float32) []uint32 {
		out, m := make([]float32, len(x)), t.Max(x)
		return bits([]float32{m, t.ExpSum(out, x, m)}, out)
	}},
	{"softmax gradient", func(t *Thread, x, y, _ []float32) []uint32 {
		return t.stored(len(x), func(d []uint32) { t.SoftmaxGrad(d, t.operands(x), y, 0.1) })
	}},
	{"swiglu", func(t *Thread, x, y, _ []float32) []uint32 {
		return t.stored(len(x), func(d []uint32) { t.SwiGLU(d, t.operands(x), t.operands(y), len(x)) })
	}},
	{"swiglu gradient", func(t *Thread, x, y, _ []float32) []uint32 {
		dg, du := t.operands(x), t.operands(y)
		t.SwiGLUGrad(dg, du, dg, du, y)
		return append(dg, du...)
	}},
	{"rotate", func(t *Thread, x, y, w []float32) []uint32 {
		n := len(w)
		out := make([]float32, 2*n)
		t.Rotate(out[:n], out[n:], x[:n], y[:n], w, x[n:2*n])
		return bits(out)
	}},
	{"add, multiply", func(t *Thread, x, y, _ []float32) []uint32 {
		out := make([]float32, len(x))
		t.Add(out, x, y)
		t.Mul(out, out, 0.3)
		return bits(out)
	}},
	{"product", func(t *Thread, x, y, w []float32) []uint32 {
		n := len(w)
		u := t.Units(n)
		a, b := make([]uint32, n*u), make([]uint32, n*u) // operands [n][n]
		for i := range n {
			t.Round(a[i*u:], x[i*n:(i+1)*n])
			t.Round(b[i*u:], y[i*n:(i+1)*n])
		}
		p, q := t.PackAlong(nil, b, u, n, u), t.PackAcross(nil, b, u, n, n)
		ld := t.Padded(n)
		c := make([]float32, n*ld) // [n][padded n]
		t.Product(c, ld, n, 0, t.Panels(n), false, Part(Dense(a, u), p))
		t.Product(c, ld, n, 0, t.Panels(n), true, Part(Dense(a, u), q))
		var out []uint32
		for i := range n {
			out = append(out, bits(c[i*ld:][:n])...)
		}
		return out
	}},
}
