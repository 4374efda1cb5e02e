package shapes

import (
	"math"
	"strings"
	"testing"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// parameters are the sizes that the bases' publishers state, to the given number of millions.
var parameters = map[string]float64{"smollm2-135m": 134.5, "smollm2-360m": 361.8, "qwen3-0.6b": 596.0, "llama3.2-1b": 1235.8,
	"smollm2-1.7b": 1711.4}

func TestSizes(t *testing.T) {
	for _, name := range Names() {
		c, err := Config(name)
		if err != nil {
			t.Fatal(err)
		}
		n := c.Vocab*c.Hidden + c.Hidden
		for _, p := range llm.Projections {
			out, in := c.Dims(p)
			n += c.Layers * out * in
		}
		n += 2 * c.Layers * c.Hidden
		if c.QKNorm {
			n += 2 * c.Layers * c.Head
		}
		if got := float64(n) / 1e6; math.Abs(got-parameters[name]) > 0.06 {
			t.Errorf("%s has %.2f million parameters, want %.1f", name, got, parameters[name])
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, err := Config("gpt5"); err == nil || !strings.Contains(err.Error(), "smollm2-135m, smollm2-360m") {
		t.Errorf("an unknown shape: %v", err)
	}
	if _, _, err := (Weights{}).Tensor("model.layers.0.mlp.experts.weight"); err == nil {
		t.Error("an unknown tensor is made")
	}
}

// TestLoad runs a small decoder of every kind on its random weights: losses are finite and near the logarithm of the
// vocabulary, as those of an untrained base.
func TestLoad(t *testing.T) {
	e, err := exact.New(exact.BFloat16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []llm.Config{
		{Layers: 2, Hidden: 48, FF: 72, Heads: 6, KVHeads: 2, Head: 8, Vocab: 101, MaxPositions: 64, Eps: 1e-5, RopeTheta: 10000, Tied: true,
			BOS: -1},
		{Layers: 2, Hidden: 48, FF: 72, Heads: 6, KVHeads: 2, Head: 16, Vocab: 101, MaxPositions: 64, Eps: 1e-6, RopeTheta: 10000, QKNorm: true,
			QKVBias: true, BOS: -1},
	} {
		m, err := llm.Load(c, Weights{c}, e, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := llm.Sequence{IDs: make([]int32, 33), Loss: make([]bool, 33)}
		for i := range s.IDs {
			s.IDs[i], s.Loss[i] = int32(i*37%c.Vocab), i > 0
		}
		l, err := m.NewWork(1).Eval(nil, []llm.Sequence{s})
		if err != nil {
			t.Fatal(err)
		}
		if mean := l.Sum() / 32; !l.Finite || math.Abs(mean-math.Log(101)) > 2 {
			t.Errorf("loss %g per token (finite: %v)", mean, l.Finite)
		}
	}
}
