package shapes

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/weftnet/weft/trainer/llm"
)

// Weights are random weights of a decoder, made when they are asked for and kept by nobody: of a base of any size, one
// tensor exists at a time. A tensor depends on its name and shape alone. It implements llm.Weights.
type Weights struct{ Config llm.Config }

// Tensor makes a tensor of roughly the scale of trained ones: matrices are uniform with variance 1/in, so that products
// keep the scale of their input, the weights of norms lie around 1, and biases are small.
func (w Weights) Tensor(name string) ([]float32, []int, error) {
	shape, err := w.shape(name)
	if err != nil {
		return nil, nil, err
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	centre, spread := float32(1), float32(0.25)
	switch {
	case len(shape) == 2:
		centre, spread = 0, float32(math.Sqrt(3/float64(shape[1])))
	case strings.HasSuffix(name, ".bias"):
		centre, spread = 0, 0.1
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	return uniform(n, h.Sum64(), centre, spread), shape, nil
}

// uniform is n numbers in centre ± spread, from Marsaglia's xorshift64.
func uniform(n int, state uint64, centre, spread float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		x[i] = centre + float32(float32(int32(state>>32))*(1.0/(1<<31))*spread)
	}
	return x
}

// shape is the shape that a tensor of the decoder must have.
func (w Weights) shape(name string) ([]int, error) {
	c := w.Config
	parts := strings.Split(name, ".")
	if len(parts) < 2 {
		return nil, fmt.Errorf("shapes: there is no tensor %q", name)
	}
	module, kind := parts[len(parts)-2], parts[len(parts)-1]
	switch {
	case module == "embed_tokens" || module == "lm_head":
		return []int{c.Vocab, c.Hidden}, nil
	case module == "q_norm" || module == "k_norm":
		return []int{c.Head}, nil
	case slices.Contains(llm.Projections, module):
		out, in := c.Dims(module)
		if kind == "bias" {
			return []int{out}, nil
		}
		return []int{out, in}, nil
	case strings.HasSuffix(module, "norm"):
		return []int{c.Hidden}, nil
	}
	return nil, fmt.Errorf("shapes: there is no tensor %q", name)
}
