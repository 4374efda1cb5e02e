package main

import (
	"fmt"
	"math"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// shape is the tiny base's configuration; the vocabulary's size is what the tokenizer has.
func shape(vocab int) llm.Config {
	return llm.Config{Layers: 4, Hidden: 96, FF: 256, Heads: 4, KVHeads: 2, Head: 24, Vocab: vocab, MaxPositions: 256,
		Eps: 1e-5, RopeTheta: 10000, Tied: true, BOS: turnStart, EOS: []int{turnEnd}}
}

// param is one tensor [rows][cols] with its gradient and moments; a norm has one row.
type param struct {
	name       string
	rows, cols int
	w, g, m, v []float32
	decay      bool          // matrices decay, norms do not
	fwd, bwd   *exact.Panels // laid out as W and as Wᵀ, once per step
}

// The parameters of a layer, in the order of a layer's computation.
const (
	normIn = iota
	wq
	wk
	wv
	wo
	normMid
	wgate
	wup
	wdown
	perLayer
)

// net is a decoder all of whose parameters are trained.
type net struct {
	c           llm.Config
	e           *exact.Engine
	all         []*param
	embed, norm *param
	layers      [][perLayer]*param
	cos, sin    []float32 // rotary tables, [positions][head/2]
	nsin        []float32 // -sin
	acts        []acts
	attn        *exact.Attention
	buf         buffers
}

// newNet draws the parameters: matrices uniform with standard deviation 0.8/√in (those that write to the residual
// stream smaller by √(2·layers)), the embedding with 0.04, norms one.
func newNet(c llm.Config, e *exact.Engine, g *exact.Gen) *net {
	n := &net{c: c, e: e, layers: make([][perLayer]*param, c.Layers), acts: make([]acts, c.Layers)}
	n.embed = n.add("model.embed_tokens.weight", c.Vocab, c.Hidden, 0.04, g)
	out := 0.8 / math.Sqrt(float64(2*c.Layers))
	names := [perLayer]string{wq: "q_proj", wk: "k_proj", wv: "v_proj", wo: "o_proj", wgate: "gate_proj", wup: "up_proj", wdown: "down_proj"}
	for l := range n.layers {
		for i, name := range names {
			if name == "" {
				continue
			}
			o, in := c.Dims(name)
			dev := 0.8
			if i == wo || i == wdown {
				dev = out
			}
			n.layers[l][i] = n.add(llm.Module(l, name)+".weight", o, in, dev/math.Sqrt(float64(in)), g)
		}
		n.layers[l][normIn] = n.add(fmt.Sprintf("model.layers.%d.input_layernorm.weight", l), 1, c.Hidden, 0, g)
		n.layers[l][normMid] = n.add(fmt.Sprintf("model.layers.%d.post_attention_layernorm.weight", l), 1, c.Hidden, 0, g)
	}
	n.norm = n.add("model.norm.weight", 1, c.Hidden, 0, g)
	n.tables()
	n.attn = exact.NewAttention(e, n.heads())
	return n
}

// add draws a tensor uniformly with the given standard deviation; deviation 0 makes a norm of ones.
func (n *net) add(name string, rows, cols int, dev float64, g *exact.Gen) *param {
	size := rows * cols
	p := &param{name: name, rows: rows, cols: cols, decay: dev > 0,
		w: make([]float32, size), g: make([]float32, size), m: make([]float32, size), v: make([]float32, size)}
	for i := range p.w {
		if p.w[i] = 1; dev > 0 {
			u := float64(g.Next()>>40)/(1<<23) - 1
			p.w[i] = float32(u * dev * math.Sqrt(3))
		}
	}
	n.all = append(n.all, p)
	return p
}

func (n *net) tables() {
	half := n.c.Head / 2
	for t := range n.c.MaxPositions {
		for i := range half {
			f := exact.Pow64(n.c.RopeTheta, -2*float64(i)/float64(n.c.Head))
			s, c := exact.SinCos64(float64(float64(t) * f))
			n.cos, n.sin, n.nsin = append(n.cos, float32(c)), append(n.sin, float32(s)), append(n.nsin, -float32(s))
		}
	}
}

// prepare flushes the weights (docs/numerics.md, R1) and lays them out for the products of a step.
func (n *net) prepare() {
	for _, p := range n.all {
		n.flush(p.w)
		clear(p.g)
		if p.rows > 1 {
			m := n.operands(0, p.w)
			p.fwd = n.e.PackAlong(p.fwd, m, p.cols, p.rows, p.cols)
			p.bwd = n.e.PackAcross(p.bwd, m, p.cols, p.rows, p.cols)
		}
	}
}
