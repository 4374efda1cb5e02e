package oracle

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// decoder is one sequence's expression. Rows are positions.
type decoder struct {
	graph
	c       llm.Config
	w       llm.Weights
	ad      *lora.Adapter
	rows    int
	factors map[string]*G.Node // by tensor name
	// constants of the rotary embedding and the causal mask
	cos, sin, turn, mask *G.Node
}

// weight is a frozen tensor as an input.
func (d *decoder) weight(name string, rows, cols int) *G.Node {
	x, _, err := d.w.Tensor(name)
	if err != nil {
		d.keep(nil, err)
		return nil
	}
	return d.input(name, widen(x), rows, cols)
}

// linear is x·Wᵀ, and with factors x·Wᵀ + s·(x·Aᵀ)·Bᵀ (Hu et al., "LoRA", 2021, section 4.1).
func (d *decoder) linear(layer int, projection string, x *G.Node) *G.Node {
	out, in := d.c.Dims(projection)
	module := llm.Module(layer, projection)
	y := d.mul(x, d.t(d.weight(module+".weight", out, in)))
	a, okA := d.factor(lora.Prefix+module+lora.SuffixA, d.ad.Spec.Rank, in)
	b, okB := d.factor(lora.Prefix+module+lora.SuffixB, out, d.ad.Spec.Rank)
	if !okA || !okB {
		return y
	}
	scale := float64(d.ad.Spec.Alpha) / float64(d.ad.Spec.Rank)
	return d.add(y, d.times(d.mul(d.mul(x, d.t(a)), d.t(b)), scale))
}

func (d *decoder) factor(name string, rows, cols int) (*G.Node, bool) {
	lo, hi, ok := d.ad.Range(name)
	if !ok {
		return nil, false
	}
	n := d.input(name, widen(d.ad.Params[lo:hi]), rows, cols)
	d.factors[name] = n
	return n, true
}

// norm is x / sqrt(mean x² + ε) · w (Zhang and Sennrich, 2019, equation 4).
func (d *decoder) norm(name string, x *G.Node) *G.Node {
	n := d.c.Hidden
	mean := d.mul(d.square(x), d.input("mean", filled(n, 1, func(int, int) float64 { return 1 / float64(n) }), n, 1))
	eps := d.input("eps", filled(d.rows, 1, func(int, int) float64 { return d.c.Eps }), d.rows, 1)
	r := d.inverse(d.sqrt(d.add(mean, eps)))
	wide := d.mul(r, d.input("ones", filled(1, n, func(int, int) float64 { return 1 }), 1, n))
	w, _, err := d.w.Tensor(name)
	if err != nil {
		d.keep(nil, err)
		return nil
	}
	return d.each(d.each(x, wide), d.input(name, filled(d.rows, n, func(_, j int) float64 { return float64(w[j]) }), d.rows, n))
}

// constants makes the tables of positions: angle pos·θ^(-2i/head) for both halves of a head (Su et al., 2021).
func (d *decoder) constants() {
	h, half := d.c.Head, d.c.Head/2
	angle := func(t, i int) float64 {
		return float64(t) * math.Pow(d.c.RopeTheta, -2*float64(i%half)/float64(h))
	}
	d.cos = d.input("cos", filled(d.rows, h, func(t, i int) float64 { return math.Cos(angle(t, i)) }), d.rows, h)
	d.sin = d.input("sin", filled(d.rows, h, func(t, i int) float64 { return math.Sin(angle(t, i)) }), d.rows, h)
	// turn maps (a, b), the halves of a head, to (-b, a).
	d.turn = d.input("turn", filled(h, h, func(i, j int) float64 {
		switch {
		case i == j+half:
			return -1
		case j == i+half:
			return 1
		}
		return 0
	}), h, h)
	d.mask = d.input("mask", filled(d.rows, d.rows, func(i, j int) float64 {
		if j > i {
			return -1e9
		}
		return 0
	}), d.rows, d.rows)
}

func (d *decoder) rotate(x *G.Node) *G.Node {
	return d.add(d.each(x, d.cos), d.each(d.mul(x, d.turn), d.sin))
}

// head takes head i of x, which has n heads side by side.
func (d *decoder) head(x *G.Node, i, n int) *G.Node {
	h := d.c.Head
	return d.mul(x, d.input("take", where(n*h, h, func(r, c int) bool { return r == i*h+c }), n*h, h))
}

// attention is grouped-query attention (Ainslie et al., 2023) under the causal mask.
func (d *decoder) attention(layer int, x *G.Node) *G.Node {
	c := d.c
	q, k, v := d.linear(layer, "q_proj", x), d.linear(layer, "k_proj", x), d.linear(layer, "v_proj", x)
	var all *G.Node
	for i := range c.Heads {
		g := i * c.KVHeads / c.Heads
		scores := d.mul(d.rotate(d.head(q, i, c.Heads)), d.t(d.rotate(d.head(k, g, c.KVHeads))))
		p := d.softmax(d.add(d.times(scores, 1/math.Sqrt(float64(c.Head))), d.mask))
		o := d.mul(p, d.head(v, g, c.KVHeads))
		width := c.Heads * c.Head
		o = d.mul(o, d.input("put", where(c.Head, width, func(r, col int) bool { return col == i*c.Head+r }), c.Head, width))
		if all == nil {
			all = o
		} else {
			all = d.add(all, o)
		}
	}
	return d.linear(layer, "o_proj", all)
}

// mlp is the SwiGLU block (Shazeer, 2020).
func (d *decoder) mlp(layer int, x *G.Node) *G.Node {
	g, u := d.linear(layer, "gate_proj", x), d.linear(layer, "up_proj", x)
	return d.linear(layer, "down_proj", d.each(d.each(g, d.sigmoid(g)), u))
}
