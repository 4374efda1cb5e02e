package llm

import (
	"fmt"
	"math"
	"slices"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// Weights gives a base's tensors by their Hugging Face names as float32, with their shapes.
type Weights interface {
	Tensor(name string) (data []float32, shape []int, err error)
}

// linear is a frozen W[out][in] laid out for both directions of use.
type linear struct {
	out, in  int
	fwd, bwd *exact.Packed
}

type layer struct {
	norm1, norm2 []float32
	proj         [7]linear
}

// Model is a frozen base, ready for one engine's kernel. It is read-only after Load and may be shared.
type Model struct {
	Config Config
	engine *exact.Engine
	embed  []float32 // [vocab][hidden], rounded
	layers []layer
	norm   []float32
	head   linear
}

// Load lays a base's weights out for the engine. A missing or misshapen tensor, or one with a number that is not finite,
// is named in the error.
func Load(c Config, w Weights, e *exact.Engine) (*Model, error) {
	m := &Model{Config: c, engine: e, layers: make([]layer, c.Layers)}
	get := func(name string, shape ...int) ([]float32, error) {
		data, got, err := w.Tensor(name)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(got, shape) {
			return nil, fmt.Errorf("base: tensor %s has shape %v, the config needs %v", name, got, shape)
		}
		if !exact.Finite(data) {
			return nil, fmt.Errorf("base: tensor %s holds infinity or NaN", name)
		}
		return data, nil
	}
	lin := func(name string, out, in int) (linear, error) {
		data, err := get(name, out, in)
		if err != nil {
			return linear{}, err
		}
		r := make([]float32, len(data))
		e.Round(r, data)
		return m.pack(r, out, in), nil
	}
	norm := func(name string) ([]float32, error) {
		data, err := get(name, c.Hidden)
		if err != nil {
			return nil, err
		}
		n := make([]float32, len(data))
		for i, v := range data {
			n[i] = exact.Z(v)
		}
		return n, nil
	}
	raw, err := get("model.embed_tokens.weight", c.Vocab, c.Hidden)
	if err != nil {
		return nil, err
	}
	m.embed = make([]float32, len(raw))
	e.Round(m.embed, raw)
	for l := range m.layers {
		y := &m.layers[l]
		p := fmt.Sprintf("model.layers.%d.", l)
		if y.norm1, err = norm(p + "input_layernorm.weight"); err != nil {
			return nil, err
		}
		if y.norm2, err = norm(p + "post_attention_layernorm.weight"); err != nil {
			return nil, err
		}
		for i, name := range Projections {
			out, in := c.Dims(name)
			if y.proj[i], err = lin(Module(l, name)+".weight", out, in); err != nil {
				return nil, err
			}
		}
	}
	if m.norm, err = norm("model.norm.weight"); err != nil {
		return nil, err
	}
	if c.Tied {
		m.head = m.pack(m.embed, c.Vocab, c.Hidden)
	} else if m.head, err = lin("lm_head.weight", c.Vocab, c.Hidden); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) pack(w []float32, out, in int) linear {
	return linear{out, in, m.engine.PackB(nil, exact.Rows(w, in), out, in), m.engine.PackB(nil, exact.Rows(w, in).T(), in, out)}
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
func (c Config) NewAdapter(spec lora.Spec) (*lora.Adapter, error) {
	ms, err := c.Modules(spec.Targets)
	if err != nil {
		return nil, err
	}
	return lora.New(spec, ms)
}

// ropeTables returns cos and sin of pos*theta^(-2i/head) for positions [0,n), from float64 rounded once to float32.
func ropeTables(c Config, n int) (cos, sin []float32) {
	half := c.Head / 2
	cos, sin = make([]float32, n*half), make([]float32, n*half)
	freq := make([]float64, half)
	for i := range freq {
		freq[i] = exact.Pow64(c.RopeTheta, -2*float64(i)/float64(c.Head))
	}
	for t := range n {
		for i, f := range freq {
			s, co := exact.SinCos64(float64(float64(t) * f))
			cos[t*half+i], sin[t*half+i] = float32(co), float32(s)
		}
	}
	return cos, sin
}

func (c Config) attnScale() float32 { return float32(1 / math.Sqrt(float64(c.Head))) }

func (c Config) heads() exact.Heads { return exact.Heads{Q: c.Heads, KV: c.KVHeads, Dim: c.Head} }

// Numerics is the rule set that the model's engine computes.
func (m *Model) Numerics() exact.Numerics { return m.engine.Numerics() }

// Kernel is the name of the engine's kernel.
func (m *Model) Kernel() string { return m.engine.Kernel() }
