package exact

import "math"

// inputs draws a vector's inputs as testutil/vectors/rules.h does.
type inputs struct {
	g *Gen
	e *Engine
}

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
	in.e.Round(x, x)
	return x
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

// vectorOps compute the outputs of a vector, in order.
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
		in.e.Scale(x, x, 0.3)
		return [][]float32{x}
	},
	"scale2": func(in inputs, s []int) [][]float32 {
		x := in.fill(s[0])
		in.e.Scale2(x, x, 0.3, 0.7)
		return [][]float32{x}
	},
	"dot": func(in inputs, s []int) [][]float32 {
		a, b := in.operands(in.fill(s[0])), in.operands(in.fill(s[0]))
		return [][]float32{{in.e.Dot(a, b)}}
	},
	"rmsnorm": func(in inputs, s []int) [][]float32 {
		x, w, y := in.fill(s[0]), apply(in.fill(s[0]), Z)[0], make([]float32, s[0])
		r := in.e.RMSNorm(y, x, w, float32(1/float64(s[0])), 1e-5)
		return [][]float32{y, {r}}
	},
	"rmsnormgrad": func(in inputs, s []int) [][]float32 {
		x, w, dy, res := in.fill(s[0]), apply(in.fill(s[0]), Z)[0], in.fill(s[0]), in.fill(s[0])
		in.e.RMSNormGrad(res, dy, w, x, res, 1.25, float32(1/float64(s[0])))
		return [][]float32{res}
	},
	"swiglu": func(in inputs, s []int) [][]float32 {
		g, u := in.wide(s[0], -12, 5), in.fill(s[0])
		in.e.SwiGLU(u, g, u)
		return [][]float32{u}
	},
	"swiglugrad": func(in inputs, s []int) [][]float32 {
		g, u, da := in.wide(s[0], -12, 5), in.fill(s[0]), in.fill(s[0])
		dg, du := make([]float32, s[0]), make([]float32, s[0])
		in.e.SwiGLUGrad(dg, du, g, u, da)
		return [][]float32{dg, du}
	},
	"rotate": func(in inputs, s []int) [][]float32 {
		a, b, c, sn := in.fill(s[0]), in.fill(s[0]), in.fill(s[0]), in.fill(s[0])
		in.e.Rotate(a, b, a, b, c, sn)
		return [][]float32{a, b}
	},
	"softmax": func(in inputs, s []int) [][]float32 {
		x := in.wide(s[0], -12, 4)
		m := Max(x)
		l := in.e.ExpSum(x, x, m)
		in.e.Scale(x, x, Recip(l))
		return [][]float32{x, {m}, {l}}
	},
	"softmaxgrad": func(in inputs, s []int) [][]float32 {
		p, dp := in.operands(in.fill(s[0])), in.fill(s[0])
		in.e.SoftmaxGrad(p, p, dp, 0.1)
		return [][]float32{p}
	},
	"matmul": func(in inputs, s []int) [][]float32 { return vectorProduct(in, in.e, s[0], s[1], s[2]) },
	"segments": func(in inputs, s []int) [][]float32 {
		c, segs := make([]float32, s[0]*s[1]), []Seg{}
		for _, k := range s[2:4] {
			segs = append(segs, in.segment(s[0], s[1], k))
		}
		in.e.MatMul(c, s[1], s[0], s[1], false, segs...)
		return [][]float32{c}
	},
	"continue": func(in inputs, s []int) [][]float32 {
		c := make([]float32, s[0]*s[1])
		for i, k := range s[2:4] {
			in.e.MatMul(c, s[1], s[0], s[1], i > 0, in.segment(s[0], s[1], k))
		}
		return [][]float32{c}
	},
	"attention": vectorAttention,
	"rope": func(_ inputs, s []int) [][]float32 {
		half := s[1] / 2
		c, sn := make([]float32, s[0]*half), make([]float32, s[0]*half)
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

func (in inputs) segment(m, n, k int) Seg {
	a, b := in.operands(in.fill(m*k)), in.operands(in.fill(n*k))
	return Seg{in.e.PackA(nil, Rows(a, k), m, k), in.e.PackB(nil, Rows(b, k), n, k)}
}

// vectorProduct multiplies inputs that in's engine rounds, on e.
func vectorProduct(in inputs, e *Engine, m, n, k int) [][]float32 {
	a, b, c := in.operands(in.fill(m*k)), in.operands(in.fill(n*k)), make([]float32, m*n)
	e.MatMul(c, n, m, n, false, Seg{e.PackA(nil, Rows(a, k), m, k), e.PackB(nil, Rows(b, k), n, k)})
	return [][]float32{c}
}

func vectorAttention(in inputs, s []int) [][]float32 {
	h, rows := Heads{Q: s[0], KV: s[1], Dim: s[2]}, s[3]+s[4]
	spans := []Span{{0, s[3]}, {s[3], s[4]}}
	qn, kn := rows*h.Q*h.Dim, rows*h.KV*h.Dim
	q, k := in.operands(in.wide(qn, -8, 1)), in.operands(in.wide(kn, -8, 1))
	v, do := in.operands(in.fill(kn)), in.operands(in.fill(qn))
	o, mx, sm := make([]float32, qn), make([]float32, rows*h.Q), make([]float32, rows*h.Q)
	in.e.Attention(o, q, k, v, mx, sm, rows, h, spans)
	dq, dk, dv := make([]float32, qn), make([]float32, kn), make([]float32, kn)
	in.e.AttentionGrad(dq, dk, dv, do, o, q, k, v, mx, sm, rows, h, spans)
	return [][]float32{o, mx, sm, dq, dk, dv}
}
