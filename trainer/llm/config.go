package llm

import (
	"fmt"
	"slices"
)

// Config is the shape of a decoder, read from a Hugging Face config.json.
type Config struct {
	Layers, Hidden, FF   int
	Heads, KVHeads, Head int // Head is the size of one head; Heads*Head need not be Hidden
	Vocab, MaxPositions  int
	Eps, RopeTheta       float64
	Rope                 RopeScaling // the zero value: unscaled
	QKVBias              bool        // q, k and v have a bias (Qwen2)
	QKNorm               bool        // each head of q and k is normed before the rotation (Qwen3)
	Tied                 bool        // the head is the embedding
	BOS                  int         // -1: none
	EOS                  []int
}

// Projections are the linear layers that LoRA may target, in the order of a layer's computation.
var Projections = []string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}

const (
	projQ = iota
	projK
	projV
	projO
	projGate
	projUp
	projDown
)

// Dims returns the output and input size of a projection.
func (c Config) Dims(projection string) (out, in int) {
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	switch projection {
	case "q_proj":
		return q, c.Hidden
	case "k_proj", "v_proj":
		return kv, c.Hidden
	case "o_proj":
		return c.Hidden, q
	case "gate_proj", "up_proj":
		return c.FF, c.Hidden
	case "down_proj":
		return c.Hidden, c.FF
	}
	return 0, 0
}

// Module is the Hugging Face name of a projection's module in a layer.
func Module(layer int, projection string) string {
	part := "self_attn"
	if i := slices.Index(Projections, projection); i >= projGate {
		part = "mlp"
	}
	return fmt.Sprintf("model.layers.%d.%s.%s", layer, part, projection)
}
