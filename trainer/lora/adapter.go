package lora

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/weftnet/weft/ckpt"
)

// Prefix and the suffixes give the names that PEFT uses in adapter_model.safetensors.
const (
	Prefix  = "base_model.model."
	SuffixA = ".lora_A.weight"
	SuffixB = ".lora_B.weight"
)

// Module is a linear layer that an adapter may target.
type Module struct {
	Name    string // e.g. model.layers.0.self_attn.q_proj
	Out, In int
}

// Adapter is one set of factors.
type Adapter struct {
	Spec   ckpt.AdapterSpec
	Params []float32 // every parameter, tensors in name order
	names  []string
	index  map[string]*tensor.Dense // views of Params
	offset map[string]int
}

// New returns an adapter of zeros for the modules, which must be those that the spec targets.
func New(spec ckpt.AdapterSpec, modules []Module) (*Adapter, error) {
	if spec.Rank < 1 || spec.Rank > 1024 || spec.Alpha < 1 {
		return nil, fmt.Errorf("adapter: rank %d must be between 1 and 1024 and alpha %d positive", spec.Rank, spec.Alpha)
	}
	if len(modules) == 0 {
		return nil, errors.New("adapter: no module is targeted: targets name projections such as q_proj")
	}
	shapes := map[string][2]int{}
	for _, m := range modules {
		shapes[Prefix+m.Name+SuffixA] = [2]int{spec.Rank, m.In}
		shapes[Prefix+m.Name+SuffixB] = [2]int{m.Out, spec.Rank}
	}
	a := &Adapter{Spec: spec, index: map[string]*tensor.Dense{}, offset: map[string]int{}}
	total := 0
	for n, s := range shapes {
		a.names = append(a.names, n)
		total += s[0] * s[1]
	}
	slices.Sort(a.names)
	a.Params = make([]float32, total)
	off := 0
	for _, n := range a.names {
		s := shapes[n]
		a.offset[n] = off
		a.index[n] = tensor.New(tensor.WithShape(s[0], s[1]), tensor.WithBacking(a.Params[off:off+s[0]*s[1]:off+s[0]*s[1]]))
		off += s[0] * s[1]
	}
	return a, nil
}

// Names lists the tensors in order.
func (a *Adapter) Names() []string { return a.names }

// Tensor is the view of one tensor, or nil.
func (a *Adapter) Tensor(name string) *tensor.Dense { return a.index[name] }

// Range is the part [lo,hi) of Params that a tensor occupies; ok is false if there is none of that name.
func (a *Adapter) Range(name string) (lo, hi int, ok bool) {
	t, ok := a.index[name]
	if !ok {
		return 0, 0, false
	}
	return a.offset[name], a.offset[name] + t.Shape().TotalSize(), true
}

// Clone is a copy with its own parameters.
func (a *Adapter) Clone() *Adapter {
	c := &Adapter{Spec: a.Spec, Params: slices.Clone(a.Params), names: a.names, index: map[string]*tensor.Dense{}, offset: a.offset}
	for n, t := range a.index {
		lo, hi, _ := a.Range(n)
		c.index[n] = tensor.New(tensor.WithShape(t.Shape()...), tensor.WithBacking(c.Params[lo:hi:hi]))
	}
	return c
}

// Init draws A uniformly from ±1/sqrt(in) and leaves B zero, which is PEFT's default (Kaiming uniform with a = sqrt 5).
// Each tensor has its own ChaCha8 stream, seeded by sha256(seed, name).
func (a *Adapter) Init(seed [32]byte) {
	for _, n := range a.names {
		if !strings.HasSuffix(n, SuffixA) {
			continue
		}
		r := rand.NewChaCha8(sha256.Sum256(append(seed[:], n...)))
		t := a.index[n]
		bound := 1 / math.Sqrt(float64(t.Shape()[1]))
		lo, hi, _ := a.Range(n)
		for i := lo; i < hi; i++ {
			u := float64(float64(r.Uint64()>>40)/(1<<23)) - 1
			a.Params[i] = float32(u * bound)
		}
	}
}

// Frozen reports whether tensor name is not trained under the spec.
func (a *Adapter) Frozen(name string) bool {
	return a.Spec.FreezeA == 1 && strings.HasSuffix(name, SuffixA)
}
