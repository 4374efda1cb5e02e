package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Config is the shape of a decoder, read from a Hugging Face config.json.
type Config struct {
	Layers, Hidden, FF   int
	Heads, KVHeads, Head int // Head is the size of one head
	Vocab, MaxPositions  int
	Eps, RopeTheta       float64
	Tied                 bool // the head is the embedding
	BOS                  int  // -1: none
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

type configFile struct {
	ModelType     string          `json:"model_type"`
	HiddenAct     string          `json:"hidden_act"`
	Hidden        int             `json:"hidden_size"`
	FF            int             `json:"intermediate_size"`
	Layers        int             `json:"num_hidden_layers"`
	Heads         int             `json:"num_attention_heads"`
	KVHeads       int             `json:"num_key_value_heads"`
	HeadDim       int             `json:"head_dim"`
	Vocab         int             `json:"vocab_size"`
	MaxPositions  int             `json:"max_position_embeddings"`
	Eps           float64         `json:"rms_norm_eps"`
	Theta         float64         `json:"rope_theta"`
	RopeScaling   json.RawMessage `json:"rope_scaling"`
	RopeParams    json.RawMessage `json:"rope_parameters"`
	AttentionBias bool            `json:"attention_bias"`
	MLPBias       bool            `json:"mlp_bias"`
	Tied          bool            `json:"tie_word_embeddings"`
	Sliding       *int            `json:"sliding_window"`
	BOS           *int            `json:"bos_token_id"`
	EOS           json.RawMessage `json:"eos_token_id"`
}

// ParseConfig reads a config.json. Every field that this decoder cannot honour is named in the error.
func ParseConfig(data []byte) (Config, error) {
	f := configFile{HiddenAct: "silu", Eps: 1e-6, Theta: 10000, MaxPositions: 2048}
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	var errs []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf("config.json: "+format, args...))
		}
	}
	theta, err := ropeTheta(f)
	if err != nil {
		errs = append(errs, err)
	}
	if f.KVHeads == 0 {
		f.KVHeads = f.Heads
	}
	if f.HeadDim == 0 && f.Heads > 0 {
		f.HeadDim = f.Hidden / f.Heads
	}
	refuse(f.ModelType != "llama" && f.ModelType != "mistral", "model_type %q is not supported (llama, mistral)", f.ModelType)
	refuse(f.HiddenAct != "silu", "hidden_act %q is not supported (silu)", f.HiddenAct)
	refuse(f.AttentionBias, "attention_bias true is not supported")
	refuse(f.MLPBias, "mlp_bias true is not supported")
	refuse(f.Sliding != nil && *f.Sliding < f.MaxPositions, "sliding_window shorter than max_position_embeddings is not supported")
	for _, d := range []struct {
		name string
		v    int
	}{{"hidden_size", f.Hidden}, {"intermediate_size", f.FF}, {"num_hidden_layers", f.Layers}, {"num_attention_heads", f.Heads},
		{"num_key_value_heads", f.KVHeads}, {"vocab_size", f.Vocab}, {"max_position_embeddings", f.MaxPositions}} {
		refuse(d.v <= 0 || d.v > 1<<24, "%s is %d: it must be between 1 and 2^24", d.name, d.v)
	}
	refuse(!(f.Eps > 0 && f.Eps < 1), "rms_norm_eps %g must be between 0 and 1", f.Eps)
	refuse(f.Layers > 1<<12, "num_hidden_layers %d must not exceed 4096", f.Layers)
	refuse(f.KVHeads > 0 && f.Heads%f.KVHeads != 0, "num_attention_heads %d is not a multiple of num_key_value_heads %d", f.Heads, f.KVHeads)
	refuse(f.HeadDim <= 0 || f.HeadDim%2 != 0 || f.HeadDim > 1<<16, "head_dim %d must be even and positive", f.HeadDim)
	eos, err := parseEOS(f.EOS)
	if err != nil {
		errs = append(errs, err)
	}
	bos := -1
	if f.BOS != nil {
		bos = *f.BOS
	}
	return Config{Layers: f.Layers, Hidden: f.Hidden, FF: f.FF, Heads: f.Heads, KVHeads: f.KVHeads, Head: f.HeadDim, Vocab: f.Vocab,
		MaxPositions: f.MaxPositions, Eps: f.Eps, RopeTheta: theta, Tied: f.Tied, BOS: bos, EOS: eos}, errors.Join(errs...)
}

// ropeTheta reads the rotary base from rope_theta or the newer rope_parameters, and refuses scaled embeddings.
func ropeTheta(f configFile) (float64, error) {
	theta := f.Theta
	for name, raw := range map[string]json.RawMessage{"rope_scaling": f.RopeScaling, "rope_parameters": f.RopeParams} {
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		var p struct {
			Type    string  `json:"rope_type"`
			OldType string  `json:"type"`
			Theta   float64 `json:"rope_theta"`
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			return 0, fmt.Errorf("config.json: %s: %w", name, err)
		}
		if t := p.Type + p.OldType; t != "" && t != "default" && t != "defaultdefault" {
			return 0, fmt.Errorf("config.json: %s of type %q is not supported", name, t)
		}
		if p.Theta > 0 {
			theta = p.Theta
		}
	}
	if theta <= 1 {
		return 0, fmt.Errorf("config.json: rope_theta %g must exceed 1", theta)
	}
	return theta, nil
}

func parseEOS(raw json.RawMessage) ([]int, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one int
	if json.Unmarshal(raw, &one) == nil {
		return []int{one}, nil
	}
	var many []int
	if err := json.Unmarshal(raw, &many); err != nil {
		return nil, fmt.Errorf("config.json: eos_token_id: %w", err)
	}
	return many, nil
}
