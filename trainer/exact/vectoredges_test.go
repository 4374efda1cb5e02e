package exact

import "math"

// edges are the numbers of testutil/vectors/rules.h at which implementations differ; the last five are huge.
var edges = []uint32{
	0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x1f800000, 0x20000000,
	0x2b7fffff, 0x2b800000, 0x2b800001, 0x2b7f7fff, 0x2b7f8000, 0x2b7f8001, 0x2b808000, 0x2b818000,
	0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f807fff, 0x3f808000, 0x3f808001, 0x3f817fff, 0x3f818000, 0x3f818001, 0x3fff8000,
	0x4b7fffff, 0x5d800000, 0x5dffffff,
	0x7e800000, 0x7f000000, 0x7f7f7fff, 0x7f7f8000, 0x7f7fffff,
}

var (
	mild       = edges[:len(edges)-5]
	infinities = []uint32{0x7f800000, 0xff800000}
	nans       = []uint32{0x7fc00000, 0xffc00000, 0xff800000}
	strange    = []uint32{0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000}
	scores     = []uint32{0xff800000, 0xff7fffff, 0xc2820000, 0xc2800001, 0xc2800000, 0xc27fffff, 0x80000000, 0x00000001, 0x80800000}
)

// edges draws n numbers of a list with random signs.
func (in inputs) edges(n int, list []uint32) []float32 {
	x := make([]float32, n)
	for i := range x {
		r := in.g.Next()
		x[i] = math.Float32frombits(list[(r>>8)%uint64(len(list))] | uint32(r&1)<<31)
	}
	return x
}

// odd is fill with one in every numbers replaced by one of a list.
func (in inputs) odd(n int, list []uint32, every int) []float32 {
	x := in.fill(n)
	for i := range x {
		if r := in.g.Next(); r%uint64(every) == 0 {
			x[i] = math.Float32frombits(list[(r>>32)%uint64(len(list))])
		}
	}
	return x
}

func truth(ok bool) float32 {
	if ok {
		return 1
	}
	return 0
}

func init() {
	for name, op := range edgeOps {
		vectorOps[name] = op
	}
}

// edgeOps compute the vectors of testutil/vectors/edges.h. s is the shape that the vector's line gives.
var edgeOps = map[string]func(in inputs, s []int) [][]float32{
	"zedge":     func(in inputs, s []int) [][]float32 { return apply(in.edges(s[0], edges), Z) },
	"bf16edge":  func(in inputs, s []int) [][]float32 { return apply(in.edges(s[0], edges), BF16) },
	"roundedge": func(in inputs, s []int) [][]float32 { return [][]float32{in.operands(in.edges(s[0], edges))} },
	"roundodd":  func(in inputs, s []int) [][]float32 { return [][]float32{in.operands(in.odd(s[0], infinities, 3))} },
	"zodd": func(in inputs, s []int) [][]float32 {
		return apply(in.odd(s[0], strange, 3), func(v float32) float32 {
			if v = Z(v); v != v {
				return math.Float32frombits(nans[0])
			}
			return v
		})
	},
	"scaleedge": func(in inputs, s []int) [][]float32 {
		x := in.edges(s[0], edges)
		return [][]float32{in.through(s[0], func(d []uint32) { in.e.Scale(d, x, 1.5) })}
	},
	"maxodd": func(in inputs, s []int) [][]float32 {
		x, y := in.odd(s[0], nans, 2), in.edges(s[0], edges[:2])
		return [][]float32{{in.e.Max(x), in.e.Max(y)}}
	},
	"finite": func(in inputs, s []int) (out [][]float32) {
		for every := s[0]; every <= 8*s[0]; every *= 2 {
			x, y, t := in.odd(s[0], strange, every), in.edges(s[0], edges), in.e.Thread()
			out = append(out, []float32{truth(t.Finite(x)),
				truth(t.FiniteOperands(t.operands(y), s[0])), truth(t.FiniteOperands(t.operands(x), s[0]))})
		}
		return out
	},
	"expedge": func(in inputs, s []int) [][]float32 {
		x := in.odd(s[0], scores, 2)
		l := in.e.ExpSum(x, x, 0)
		return [][]float32{x, {l}}
	},
	"dotedge": func(in inputs, s []int) [][]float32 {
		t := in.e.Thread()
		a, b := t.operands(in.edges(s[0], mild)), t.operands(in.edges(s[0], mild))
		return [][]float32{{t.Dot(a, b, s[0])}}
	},
	"rmsnormedge": func(in inputs, s []int) [][]float32 {
		return in.norm(in.edges(s[0], mild))
	},
	"rotateedge": func(in inputs, s []int) [][]float32 {
		a, b, c, sn := in.edges(s[0], mild), in.edges(s[0], mild), in.fill(s[0]), in.fill(s[0])
		in.e.Rotate(a, b, a, b, c, sn)
		return [][]float32{in.operands(a), in.operands(b)}
	},
	"swigluedge": func(in inputs, s []int) [][]float32 {
		t := in.e.Thread()
		g, u, da := t.operands(in.edges(s[0], mild)), t.operands(in.fill(s[0])), in.edges(s[0], mild)
		a := in.through(s[0], func(d []uint32) { t.SwiGLU(d, g, u, s[0]) })
		t.SwiGLUGrad(g, u, g, u, da)
		return [][]float32{a, in.through(s[0], func(d []uint32) { copy(d, g) }), in.through(s[0], func(d []uint32) { copy(d, u) })}
	},
	"matmuledge": func(in inputs, s []int) [][]float32 {
		a, b := in.edges(s[0]*s[2], mild), in.edges(s[1]*s[2], mild)
		return in.multiply(in.e, a, b, s[0], s[1], s[2])
	},
	"matmulhuge": func(in inputs, s []int) [][]float32 {
		a, b := in.wide(s[0]*s[2], 62, 64), in.wide(s[1]*s[2], 62, 64)
		return in.multiply(in.e, a, b, s[0], s[1], s[2])
	},
	"matmulcancel": func(in inputs, s []int) [][]float32 {
		m, n, k := s[0], s[1], s[2]
		a, b := in.operands(in.wide(m*k, -12, 0)), in.operands(in.wide(n*k, -12, 0))
		for j := 1; j < k; j += 2 {
			for i := range m {
				a[i*k+j] = -a[i*k+j-1]
			}
			for i := range n {
				b[i*k+j] = in.operands([]float32{b[i*k+j-1] * 1.0078125})[0]
			}
		}
		return in.multiply(in.e, a, b, m, n, k)
	},
}
