package shapes

import (
	"fmt"
	"strings"

	"github.com/weftnet/weft/trainer/llm"
)

type shape struct {
	name   string
	config llm.Config
}

var all = []shape{
	{"smollm2-135m", llm.Config{Layers: 30, Hidden: 576, FF: 1536, Heads: 9, KVHeads: 3, Head: 64, Vocab: 49152, MaxPositions: 8192,
		Eps: 1e-5, RopeTheta: 100000, Tied: true, BOS: 1, EOS: []int{2}}},
	{"smollm2-360m", llm.Config{Layers: 32, Hidden: 960, FF: 2560, Heads: 15, KVHeads: 5, Head: 64, Vocab: 49152, MaxPositions: 8192,
		Eps: 1e-5, RopeTheta: 100000, Tied: true, BOS: 1, EOS: []int{2}}},
	{"qwen3-0.6b", llm.Config{Layers: 28, Hidden: 1024, FF: 3072, Heads: 16, KVHeads: 8, Head: 128, Vocab: 151936, MaxPositions: 40960,
		Eps: 1e-6, RopeTheta: 1000000, QKNorm: true, Tied: true, BOS: -1, EOS: []int{151645}}},
	{"llama3.2-1b", llm.Config{Layers: 16, Hidden: 2048, FF: 8192, Heads: 32, KVHeads: 8, Head: 64, Vocab: 128256, MaxPositions: 131072,
		Eps: 1e-5, RopeTheta: 500000, Rope: llm.RopeScaling{Type: llm.RopeLlama3, Factor: 32, LowFreq: 1, HighFreq: 4, Original: 8192},
		Tied: true, BOS: 128000, EOS: []int{128001}}},
	{"smollm2-1.7b", llm.Config{Layers: 24, Hidden: 2048, FF: 8192, Heads: 32, KVHeads: 32, Head: 64, Vocab: 49152, MaxPositions: 8192,
		Eps: 1e-5, RopeTheta: 130000, Tied: true, BOS: 1, EOS: []int{2}}},
}

// Names lists the shapes, the smallest first.
func Names() []string {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	return names
}

// Config is the decoder of a shape. An unknown name is an error that lists the known ones.
func Config(name string) (llm.Config, error) {
	for _, s := range all {
		if s.name == name {
			return s.config, nil
		}
	}
	return llm.Config{}, fmt.Errorf("unknown shape %q: there are %s", name, strings.Join(Names(), ", "))
}
