package base

import (
	"math"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/gguf"
	"github.com/weftnet/weft/trainer/llm"
)

// divisors are what a Llama 3 base's GGUF file divides frequencies by, as its converter computes them.
func divisors(half int, theta, factor, low, high, original float64) []float32 {
	d := make([]float32, half) // [head/2]
	for i := range d {
		length := 2 * math.Pi * math.Pow(theta, float64(i)/float64(half))
		switch {
		case length < original/high:
			d[i] = 1
		case length > original/low:
			d[i] = float32(factor)
		default:
			smooth := (original/length - low) / (high - low)
			d[i] = float32(1 / ((1-smooth)/factor + smooth))
		}
	}
	return d
}

func TestLlama3Scaling(t *testing.T) {
	for _, factor := range []float64{8, 32} {
		s, err := llama3Scaling(divisors(32, 500000, factor, 1, 4, 8192), 500000)
		if err != nil || s == nil || *s != (ropeScaling{Factor: factor, HighFreq: 4, LowFreq: 1, Original: 8192, Type: llm.RopeLlama3}) {
			t.Errorf("factor %g: got %+v, error %v", factor, s, err)
		}
	}
	if s, err := llama3Scaling(divisors(32, 500000, 1, 1, 4, 8192), 500000); s != nil || err != nil {
		t.Errorf("divisors of 1 give %+v, error %v", s, err)
	}
	for name, d := range map[string][]float32{
		"other bounds": divisors(32, 500000, 8, 1, 4, 4096),
		"other base":   divisors(32, 10000, 8, 1, 4, 8192),
		"below 1":      {1, 1, 0.5, 1},
		"not finite":   {1, 1, float32(math.NaN()), 1},
	} {
		if s, err := llama3Scaling(d, 500000); err == nil || !strings.Contains(err.Error(), "rope_freqs.weight") {
			t.Errorf("%s: got %+v, error %v", name, s, err)
		}
	}
}

func TestGGUFRopeMetadata(t *testing.T) {
	rope := func(m map[string]any) (*ropeScaling, error) { return ggufRope(&gguf.File{Meta: m}, meta{m}, 64, 10000) }
	if s, err := rope(nil); s != nil || err != nil {
		t.Errorf("no scaling gives %+v, error %v", s, err)
	}
	s, err := rope(map[string]any{"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 4.0})
	if err != nil || *s != (ropeScaling{Factor: 4, Type: llm.RopeLinear}) {
		t.Errorf("a linear scaling gives %+v, error %v", s, err)
	}
	if _, err := rope(map[string]any{"llama.rope.scaling.type": "yarn"}); err == nil || !strings.Contains(err.Error(), `"yarn"`) {
		t.Errorf("yarn gives %v", err)
	}
	_, err = rope(map[string]any{"llama.rope.dimension_count": uint64(32)})
	if err == nil || !strings.Contains(err.Error(), "32 of a head's 64") {
		t.Errorf("half a rotation gives %v", err)
	}
}
