package exact

import "math"

// inputs draws a vector's inputs as testutil/vectors/rules.h does.
type inputs struct {
	g *Gen
	e *Engine
}

// fill is Gen.Fill's [n].
func (in inputs) fill(n int) []float32 {
	x := make([]float32, n)
	in.g.Fill(x)
	return x
}

// ties is fill with every third number in the middle between two of bfloat16.
func (in inputs) ties(n int) []float32 {
	x := in.fill(n)
	for i := 0; i < n; i += 3 {
		x[i] = math.Float32frombits(math.Float32bits(x[i])&^0xffff | 0x8000)
	}
	return x
}

func (in inputs) wide(n, lo, hi int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = in.g.Float(lo, hi)
	}
	return x
}

// operands rounds x under the engine's rules.
func (in inputs) operands(x []float32) []float32 {
	return in.e.rounded(x)
}

// rounded is x as operands, read back.
func (e *Engine) rounded(x []float32) []float32 {
	e.Fetch(x, e.Thread().operands(x))
	return x
}

// matrix stores x [rows][cols] as operands; ld is the words of a row.
func (e *Engine) matrix(x []float32, rows, cols int) (m []uint32, ld int) {
	ld = e.Units(cols)
	m = make([]uint32, rows*ld)
	for i := range rows {
		e.Round(m[i*ld:][:ld], x[i*cols:(i+1)*cols])
	}
	return m, ld
}

// through applies an operation that stores operands and reads them back.
func (in inputs) through(n int, f func(dst []uint32)) []float32 {
	y := make([]float32, n)
	in.e.Fetch(y, in.e.Thread().stored(n, f))
	return y
}

// segment is a segment of a chain over k with fresh operands [m][k] and [n][k].
func (in inputs) segment(m, n, k int) Seg {
	a, lda := in.e.matrix(in.fill(m*k), m, k)
	b, ldb := in.e.matrix(in.fill(n*k), n, k)
	return Part(Dense(a, lda), in.e.PackAlong(nil, b, ldb, n, ldb))
}

// product computes C[m][n] over the segments in one region of tasks, a panel each.
func (e *Engine) product(c []float32, m, n int, cont bool, segs ...Seg) {
	ld := e.Padded(n)
	wide := make([]float32, m*ld) // [m][padded n]
	for i := range m {
		copy(wide[i*ld:], c[i*n:(i+1)*n])
	}
	e.Run(e.Panels(n), func(p int, t *Thread) {
		for i, s := range segs {
			t.Product(wide[p*e.Width():], ld, m, p, p+1, cont || i > 0, s)
		}
	})
	for i := range m {
		copy(c[i*n:(i+1)*n], wide[i*ld:])
	}
}

// hard draws operands whose product is just under half a unit in the last place of the sum.
func (in inputs) hard() (a, b, c float32) {
	k, m := uint32(1+in.g.Next()%255), uint32(in.g.Next()%0x800000)
	return math.Float32frombits(0x39800000 + k), math.Float32frombits(0x39800000 - 2*k), math.Float32frombits(0x3f800000 + m)
}

func apply(x []float32, f func(float32) float32) [][]float32 {
	for i, v := range x {
		x[i] = f(v)
	}
	return [][]float32{x}
}

func magnitude(x []float32, more float32) []float32 {
	return apply(x, func(v float32) float32 { return float32(math.Abs(float64(v))) + more })[0]
}

// vectorOps compute the outputs of a vector, in order, flat. s is the shape that the vector's line gives.
var vectorOps = map[string]func(in inputs, s []int) [][]float32{
	"z":       func(in inputs, s []int) [][]float32 { return apply(in.ties(s[0]), Z) },
	"bf16":    func(in inputs, s []int) [][]float32 { return apply(in.ties(s[0]), BF16) },
	"recip":   func(in inputs, s []int) [][]float32 { return apply(magnitude(in.wide(s[0], -60, 60), 0), Recip) },
	"rsqrt":   func(in inputs, s []int) [][]float32 { return apply(magnitude(in.wide(s[0], -60, 60), 0), Rsqrt) },
	"exp":     func(in inputs, s []int) [][]float32 { return apply(in.wide(s[0], -20, 6), Exp) },
	"sigmoid": func(in inputs, s []int) [][]float32 { return apply(in.wide(s[0], -20, 6), Sigmoid) },
	"log":     func(in inputs, s []int) [][]float32 { return apply(magnitude(in.wide(s[0], -20, 20), 1), Log) },
	"round":   func(in inputs, s []int) [][]float32 { return [][]float32{in.operands(in.fill(s[0]))} },
	"fma": func(in inputs, s []int) [][]float32 {
		a, b, c := in.wide(s[0], -20, 20), in.wide(s[0], -20, 20), in.wide(s[0], -44, 40)
		for i := range a {
			a[i] = FMA(a[i], b[i], c[i])
		}
		return [][]float32{a}
	},
	"fmahard": func(in inputs, s []int) [][]float32 {
		y := make([]float32, s[0])
		for i := range y {
			a, b, c := in.hard()
			y[i] = FMA(a, b, c)
		}
		return [][]float32{y}
	},
	"scale": func(in inputs, s []int) [][]float32 {
		x := in.fill(s[0])
		return [][]float32{in.through(s[0], func(d []uint32) { in.e.Scale(d, x, 0.3) })}
	},
	"scale2": func(in inputs, s []int) [][]float32 {
		x := in.fill(s[0])
		return [][]float32{in.through(s[0], func(d []uint32) { in.e.Scale2(d, x, 0.3, 0.7) })}
	},
	"dot": func(in inputs, s []int) [][]float32 {
		a, b := in.operands(in.fill(s[0])), in.operands(in.fill(s[0]))
		t := in.e.Thread()
		return [][]float32{{t.Dot(t.operands(a), t.operands(b), s[0])}}
	},
	"rmsnorm": func(in inputs, s []int) [][]float32 {
		return in.norm(in.fill(s[0]))
	},
	"headnorm": func(in inputs, s []int) [][]float32 {
		x, w := in.fill(s[0]), apply(in.fill(s[0]), Z)[0]
		r := in.e.RMS(x, float32(1/float64(s[0])), 1e-6)
		in.e.NormFloats(x, x, w, r)
		return [][]float32{x, {r}}
	},
	"rmsnormgrad": func(in inputs, s []int) [][]float32 {
		x, w, dy, res := in.fill(s[0]), apply(in.fill(s[0]), Z)[0], in.fill(s[0]), in.fill(s[0])
		in.e.NormGrad(res, dy, w, x, res, 1.25, float32(1/float64(s[0])))
		return [][]float32{res}
	},
	"swiglu": func(in inputs, s []int) [][]float32 {
		t := in.e.Thread()
		g, u := t.operands(in.wide(s[0], -12, 5)), t.operands(in.fill(s[0]))
		return [][]float32{in.through(s[0], func(d []uint32) { t.SwiGLU(d, g, u, s[0]) })}
	},
	"swiglugrad": func(in inputs, s []int) [][]float32 {
		t := in.e.Thread()
		g, u, da := t.operands(in.wide(s[0], -12, 5)), t.operands(in.fill(s[0])), in.fill(s[0])
		t.SwiGLUGrad(g, u, g, u, da)
		return [][]float32{in.through(s[0], func(d []uint32) { copy(d, g) }), in.through(s[0], func(d []uint32) { copy(d, u) })}
	},
	"rotate": func(in inputs, s []int) [][]float32 {
		a, b, c, sn := in.fill(s[0]), in.fill(s[0]), in.fill(s[0]), in.fill(s[0])
		in.e.Rotate(a, b, a, b, c, sn)
		return [][]float32{a, b}
	},
	"softmax": func(in inputs, s []int) [][]float32 {
		x := in.wide(s[0], -12, 4)
		m := in.e.Max(x)
		l := in.e.ExpSum(x, x, m)
		return [][]float32{in.through(s[0], func(d []uint32) { in.e.Scale(d, x, Recip(l)) }), {m}, {l}}
	},
	"crossentropy": func(in inputs, s []int) [][]float32 {
		x, y, w := in.wide(s[0], -12, 4), s[1], float32(float64(s[2])/1000)
		m, ly := in.e.Max(x), x[y]
		l := in.e.ExpSum(x, x, m)
		r := Recip(l)
		return [][]float32{in.through(s[0], func(d []uint32) {
			in.e.Scale2(d, x, r, w)
			in.e.Put(d, y, FMA(x[y], r, -1)*w)
		}), {Log(l) - (ly - m)}}
	},
	"softmaxgrad": func(in inputs, s []int) [][]float32 {
		p, dp := in.e.Thread().operands(in.fill(s[0])), in.fill(s[0])
		return [][]float32{in.through(s[0], func(d []uint32) { in.e.SoftmaxGrad(d, p, dp, 0.1) })}
	},
	"matmul": func(in inputs, s []int) [][]float32 { return vectorProduct(in, in.e, s[0], s[1], s[2]) },
	"segments": func(in inputs, s []int) [][]float32 {
		c, segs := make([]float32, s[0]*s[1]), []Seg{} // [m][n]
		for _, k := range s[2:4] {
			segs = append(segs, in.segment(s[0], s[1], k))
		}
		in.e.product(c, s[0], s[1], false, segs...)
		return [][]float32{c}
	},
	"continue": func(in inputs, s []int) [][]float32 {
		c := make([]float32, s[0]*s[1]) // [m][n]
		for i, k := range s[2:4] {
			in.e.product(c, s[0], s[1], i > 0, in.segment(s[0], s[1], k))
		}
		return [][]float32{c}
	},
	"attention": vectorAttention,
	"rope": func(_ inputs, s []int) [][]float32 {
		half := s[1] / 2
		c, sn := make([]float32, s[0]*half), make([]float32, s[0]*half) // [positions][head/2]
		for i := range half {
			f := Pow64(float64(s[2]), -2*float64(i)/float64(s[1]))
			for t := range s[0] {
				a, b := SinCos64(float64(float64(t) * f))
				sn[t*half+i], c[t*half+i] = float32(a), float32(b)
			}
		}
		return [][]float32{c, sn}
	},
}

// vectorProduct multiplies inputs that in's engine rounds, on e.
func vectorProduct(in inputs, e *Engine, m, n, k int) [][]float32 {
	return in.multiply(e, in.fill(m*k), in.fill(n*k), m, n, k)
}

// multiply is the product on e of what in's engine makes of a[m][k] and b[n][k].
func (in inputs) multiply(e *Engine, a, b []float32, m, n, k int) [][]float32 {
	a, b, c := in.operands(a), in.operands(b), make([]float32, m*n)
	am, lda := e.matrix(a, m, k)
	bm, ldb := e.matrix(b, n, k)
	e.product(c, m, n, false, Part(Dense(am, lda), e.PackAlong(nil, bm, ldb, n, ldb)))
	return [][]float32{c}
}

// norm is the norm of x with fresh weights.
func (in inputs) norm(x []float32) [][]float32 {
	w := apply(in.fill(len(x)), Z)[0]
	r := in.e.RMS(x, float32(1/float64(len(x))), 1e-5)
	return [][]float32{in.through(len(x), func(d []uint32) { in.e.Norm(d, x, w, r) }), {r}}
}

func vectorAttention(in inputs, s []int) [][]float32 {
	h, rows := Heads{Q: s[0], KV: s[1], Dim: s[2]}, s[3]+s[4]
	spans := []Span{{0, s[3]}, {s[3], s[4]}}
	qn, kn := h.Q*h.Dim, h.KV*h.Dim
	q, _ := in.e.matrix(in.wide(rows*qn, -8, 1), rows, qn)
	k, _ := in.e.matrix(in.wide(rows*kn, -8, 1), rows, kn)
	v, _ := in.e.matrix(in.fill(rows*kn), rows, kn)
	do, _ := in.e.matrix(in.fill(rows*qn), rows, qn)
	// o is operands [rows][Q*Dim], mx and sm are [Q][rows].
	o, mx, sm := make([]uint32, len(q)), make([]float32, rows*h.Q), make([]float32, rows*h.Q)
	a := NewAttention(in.e, h)
	a.Forward(o, q, k, v, mx, sm, rows, spans)
	// dq is [rows][Q*Dim], dk and dv are [rows][KV*Dim].
	dq, dk, dv := make([]float32, rows*qn), make([]float32, rows*kn), make([]float32, rows*kn)
	a.Backward(dq, dk, dv, do, o, q, k, v, mx, sm, rows, spans)
	return [][]float32{in.through(rows*qn, func(d []uint32) { copy(d, o) }), mx, sm, dq, dk, dv}
}
