package llm

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// Weights gives a base's tensors by their Hugging Face names as float32, with their shapes.
type Weights interface {
	Tensor(name string) (data []float32, shape []int, err error)
}

// linear is a frozen W[out][in] as the right operand of both directions: y = X·Wᵀ and dX = dY·W.
type linear struct {
	out, in  int
	fwd, bwd *exact.Panels
}

type layer struct {
	norm1, norm2 []float32
	qnorm, knorm []float32    // of every head (Qwen3); nil: none
	bias         [3][]float32 // of q, k, v (Qwen2); nil: none
	proj         [7]linear
}

// Model is a frozen base, ready for one engine's kernel. Any number of works may share it: after Load nothing changes but
// the copies of weights, which the first training pass makes once and only training passes read.
type Model struct {
	Config Config
	engine *exact.Engine
	budget int64    // bytes; 0: no limit
	embed  []uint32 // operands [vocab][hidden]
	layers []layer
	norm   []float32
	head   linear
	train  sync.Once
	copied atomic.Int64 // bytes of the copies of weights for the backward direction
}

// Load lays a base's weights out for the engine. maxMemory bounds, in bytes, what weights and training steps may hold; 0
// is no limit. Fewer bytes cost time and change no result. A missing or misshapen tensor, or one with a number that is
// not finite, is named in the error.
func Load(c Config, w Weights, e *exact.Engine, maxMemory int64) (*Model, error) {
	m := &Model{Config: c, engine: e, budget: maxMemory, layers: make([]layer, c.Layers)}
	r := reader{w, e}
	var err error
	if m.embed, err = r.operands("model.embed_tokens.weight", c.Vocab, c.Hidden); err != nil {
		return nil, err
	}
	for l := range m.layers {
		if err := r.layer(&m.layers[l], c, l); err != nil {
			return nil, err
		}
	}
	if m.norm, err = r.vector("model.norm.weight", c.Hidden); err != nil {
		return nil, err
	}
	if c.Tied {
		m.head = r.pack(m.embed, c.Vocab, c.Hidden)
	} else if m.head, err = r.linear("lm_head.weight", c.Vocab, c.Hidden); err != nil {
		return nil, err
	}
	return m, nil
}

// reader reads the tensors of a base.
type reader struct {
	w Weights
	e *exact.Engine
}

func (r reader) get(name string, shape ...int) ([]float32, error) {
	data, got, err := r.w.Tensor(name)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(got, shape) {
		return nil, fmt.Errorf("base: tensor %s has shape %v, the config needs %v", name, got, shape)
	}
	if !r.e.Finite(data) {
		return nil, fmt.Errorf("base: tensor %s holds infinity or NaN", name)
	}
	return data, nil
}

// operands reads a matrix as rows of operands.
func (r reader) operands(name string, rows, cols int) ([]uint32, error) {
	data, err := r.get(name, rows, cols)
	if err != nil {
		return nil, err
	}
	ld := r.e.Units(cols)
	m := make([]uint32, rows*ld)
	for i := range rows {
		r.e.Round(m[i*ld:(i+1)*ld], data[i*cols:(i+1)*cols])
	}
	return m, nil
}

func (r reader) linear(name string, out, in int) (linear, error) {
	m, err := r.operands(name, out, in)
	if err != nil {
		return linear{}, err
	}
	return r.pack(m, out, in), nil
}

func (r reader) pack(m []uint32, out, in int) linear {
	u := r.e.Units(in)
	fwd := r.e.PackAlong(nil, m, u, out, u)
	return linear{out, in, fwd, fwd.Transpose(r.e, in)}
}

// vector reads the weights of a norm, or a bias.
func (r reader) vector(name string, n int) ([]float32, error) {
	data, err := r.get(name, n)
	if err != nil {
		return nil, err
	}
	v := make([]float32, n)
	for i, x := range data {
		v[i] = exact.Z(x)
	}
	return v, nil
}

func (r reader) layer(y *layer, c Config, l int) error {
	p := fmt.Sprintf("model.layers.%d.", l)
	type vector struct {
		dst  *[]float32
		name string
		n    int
	}
	vs := []vector{{&y.norm1, "input_layernorm.weight", c.Hidden}, {&y.norm2, "post_attention_layernorm.weight", c.Hidden}}
	if c.QKNorm {
		vs = append(vs, vector{&y.qnorm, "self_attn.q_norm.weight", c.Head}, vector{&y.knorm, "self_attn.k_norm.weight", c.Head})
	}
	if c.QKVBias {
		for i := range y.bias {
			out, _ := c.Dims(Projections[i])
			vs = append(vs, vector{&y.bias[i], "self_attn." + Projections[i] + ".bias", out})
		}
	}
	var err error
	for _, v := range vs {
		if *v.dst, err = r.vector(p+v.name, v.n); err != nil {
			return err
		}
	}
	for i, name := range Projections {
		out, in := c.Dims(name)
		if y.proj[i], err = r.linear(Module(l, name)+".weight", out, in); err != nil {
			return err
		}
	}
	return nil
}

// Modules lists the modules that a set of targets names, in layer order. An unknown target is an error.
func (c Config) Modules(targets []string) ([]lora.Module, error) {
	for _, t := range targets {
		if !slices.Contains(Projections, t) {
			return nil, fmt.Errorf("unknown target %q: projections are %v", t, Projections)
		}
	}
	var ms []lora.Module
	for l := range c.Layers {
		for _, p := range Projections {
			if slices.Contains(targets, p) {
				out, in := c.Dims(p)
				ms = append(ms, lora.Module{Name: Module(l, p), Out: out, In: in})
			}
		}
	}
	return ms, nil
}

// NewAdapter returns a zero adapter of the given spec for this decoder.
func (c Config) NewAdapter(spec ckpt.AdapterSpec) (*lora.Adapter, error) {
	ms, err := c.Modules(spec.Targets)
	if err != nil {
		return nil, err
	}
	return lora.New(spec, ms)
}

func (c Config) invHidden() float32 { return float32(1 / float64(c.Hidden)) }

func (c Config) invHead() float32 { return float32(1 / float64(c.Head)) }

func (c Config) attnScale() float32 { return float32(1 / math.Sqrt(float64(c.Head))) }

func (c Config) heads() exact.Heads { return exact.Heads{Q: c.Heads, KV: c.KVHeads, Dim: c.Head} }

// Numerics is the rule set that the model's engine computes.
func (m *Model) Numerics() exact.Numerics { return m.engine.Numerics() }

// Kernel is the name of the engine's kernel.
func (m *Model) Kernel() string { return m.engine.Kernel() }
