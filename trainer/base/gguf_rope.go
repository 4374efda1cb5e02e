package base

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/weftnet/weft/ckpt/gguf"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// ropeScaling is the rope_scaling of the config.json that an import writes.
type ropeScaling struct {
	Factor   float64 `json:"factor"`
	HighFreq float64 `json:"high_freq_factor,omitempty"`
	LowFreq  float64 `json:"low_freq_factor,omitempty"`
	Original int     `json:"original_max_position_embeddings,omitempty"`
	Type     string  `json:"rope_type"`
}

// The parameters of every published base with a llama3 scaling. A GGUF file does not name them: it has a divisor for each
// frequency, from which they cannot be told apart from others that would divide the same.
const (
	llama3Low, llama3High = 1, 4
	llama3Original        = 8192
)

// ggufRope reads how a file scales rotary frequencies; nil: not at all.
func ggufRope(f *gguf.File, m meta, head int, theta float64) (*ropeScaling, error) {
	if n := m.num("llama.rope.dimension_count", head); n != head {
		return nil, fmt.Errorf("gguf: a rotation of %d of a head's %d elements is not supported", n, head)
	}
	_, divided := f.Tensors["rope_freqs.weight"]
	switch s := m.str("llama.rope.scaling.type"); s {
	case "", "none":
	case "linear":
		if divided {
			return nil, errors.New("gguf: both a linear rope scaling and rope_freqs.weight are given")
		}
		return &ropeScaling{Type: llm.RopeLinear, Factor: m.float("llama.rope.scaling.factor", 0)}, nil
	default:
		return nil, fmt.Errorf("gguf: rope scaling %q is not supported", s)
	}
	if !divided {
		return nil, nil
	}
	divisors, err := f.Floats("rope_freqs.weight") // [head/2]
	if err != nil {
		return nil, err
	}
	if len(divisors) != head/2 {
		return nil, fmt.Errorf("gguf: rope_freqs.weight has %d elements for heads of %d", len(divisors), head)
	}
	return llama3Scaling(divisors, theta)
}

// llama3Scaling finds the scaling of type llama3 that divides the frequencies of base theta by the given divisors [head/2].
// The slowest frequency is divided by the whole factor. nil: every divisor is 1.
func llama3Scaling(divisors []float32, theta float64) (*ropeScaling, error) {
	factor := float64(slices.Max(divisors))
	if factor == 1 && slices.Min(divisors) == 1 {
		return nil, nil
	}
	s := llm.RopeScaling{Type: llm.RopeLlama3, Factor: factor, LowFreq: llama3Low, HighFreq: llama3High, Original: llama3Original}
	for i, d := range divisors {
		f := exact.Pow64(theta, -float64(i)/float64(len(divisors)))
		if want := f / s.Frequency(f); !(math.Abs(float64(d)-want) <= 1e-4*want) {
			return nil, fmt.Errorf("gguf: rope_freqs.weight divides frequency %d by %g, a llama3 scaling by %g gives %g: it is not supported",
				i, d, factor, want)
		}
	}
	return &ropeScaling{Type: s.Type, Factor: s.Factor, LowFreq: s.LowFreq, HighFreq: s.HighFreq, Original: s.Original}, nil
}
