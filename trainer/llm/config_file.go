package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// configFile is what config.json says, after the defaults of its model_type. A pointer is nil where the file says null,
// which transformers tells apart from a field that is left out.
type configFile struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`
	HiddenAct     string   `json:"hidden_act"`
	Hidden        int      `json:"hidden_size"`
	FF            int      `json:"intermediate_size"`
	Layers        int      `json:"num_hidden_layers"`
	Heads         int      `json:"num_attention_heads"`
	KVHeads       *int     `json:"num_key_value_heads"`
	HeadDim       *int     `json:"head_dim"`
	Vocab         int      `json:"vocab_size"`
	MaxPositions  int      `json:"max_position_embeddings"`
	Original      *int     `json:"original_max_position_embeddings"`
	Eps           float64  `json:"rms_norm_eps"`
	Theta         float64  `json:"rope_theta"`
	RopeScaling   ropeFile `json:"rope_scaling"`
	RopeParams    ropeFile `json:"rope_parameters"`
	AttentionBias bool     `json:"attention_bias"`
	MLPBias       bool     `json:"mlp_bias"`
	Tied          bool     `json:"tie_word_embeddings"`
	Sliding       *int     `json:"sliding_window"`
	UseSliding    bool     `json:"use_sliding_window"`
	LayerTypes    []string `json:"layer_types"`
	BOS           *int     `json:"bos_token_id"`
	EOS           tokenIDs `json:"eos_token_id"`
}

// tokenIDs is one id, a list of ids, or null.
type tokenIDs []int

// UnmarshalJSON implements json.Unmarshaler.
func (t *tokenIDs) UnmarshalJSON(raw []byte) error {
	var one *int
	if err := json.Unmarshal(raw, &one); err == nil {
		if *t = nil; one != nil {
			*t = tokenIDs{*one}
		}
		return nil
	}
	var many []int
	if err := json.Unmarshal(raw, &many); err != nil {
		return fmt.Errorf("eos_token_id is neither a token id nor a list of them: %w", err)
	}
	*t = many
	return nil
}

// ParseConfig reads a config.json of a family that Families lists. What the file leaves out has the value that
// transformers gives it. Every field that this decoder cannot honour is named in the error; all of them are reported.
func ParseConfig(data []byte) (Config, error) {
	var which struct {
		ModelType string `json:"model_type"`
	}
	if err := json.Unmarshal(data, &which); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	fam, ok := families[which.ModelType]
	if !ok {
		return Config{}, fmt.Errorf("config.json: model_type %q is not supported (%v)", which.ModelType, Families())
	}
	f := fam.defaults()
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	var p problems
	c := fam.config(f, &p)
	f.checkFields(fam, &p)
	c.check(&p)
	p.add(checkUnsupported(data))
	return c, errors.Join(p...)
}

// problems are the faults found in one config.json.
type problems []error

// refuse adds a fault where bad holds.
func (p *problems) refuse(bad bool, format string, args ...any) {
	if bad {
		*p = append(*p, fmt.Errorf("config.json: "+format, args...))
	}
}

func (p *problems) add(err error) {
	if err != nil {
		*p = append(*p, err)
	}
}

// config is the decoder that the file describes, sound or not.
func (m family) config(f configFile, p *problems) Config {
	c := Config{Layers: f.Layers, Hidden: f.Hidden, FF: f.FF, Heads: f.Heads, KVHeads: f.Heads, Vocab: f.Vocab, MaxPositions: f.MaxPositions,
		Eps: f.Eps, QKVBias: m.qkvBias, QKNorm: m.qkNorm, Tied: f.Tied, BOS: -1, EOS: f.EOS}
	if f.KVHeads != nil {
		c.KVHeads = *f.KVHeads
	}
	if f.HeadDim != nil {
		c.Head = *f.HeadDim
	} else if f.Heads > 0 {
		c.Head = f.Hidden / f.Heads
		p.refuse(f.Hidden%f.Heads != 0, "hidden_size %d is not a multiple of num_attention_heads %d and there is no head_dim", f.Hidden, f.Heads)
	}
	if f.BOS != nil {
		c.BOS = *f.BOS
	}
	var err error
	c.RopeTheta, c.Rope, err = f.rope()
	p.add(err)
	return c
}

// checkFields refuses values of known fields that ask for another decoder.
func (f configFile) checkFields(m family, p *problems) {
	p.refuse(f.HiddenAct != "silu", "hidden_act %q is not supported (silu)", f.HiddenAct)
	p.refuse(len(f.Architectures) > 0 && !slices.Contains(f.Architectures, m.architecture),
		"architectures %v is not supported (%s)", f.Architectures, m.architecture)
	p.refuse(f.AttentionBias, "attention_bias true is not supported")
	p.refuse(f.MLPBias, "mlp_bias true is not supported")
	p.refuse(f.UseSliding, "use_sliding_window true is not supported")
	if !m.slidingSwitch && f.Sliding != nil {
		p.refuse(*f.Sliding < f.MaxPositions,
			"sliding_window %d, shorter than max_position_embeddings %d, is not supported (left out, a mistral's is 4096)",
			*f.Sliding, f.MaxPositions)
	}
	for _, t := range f.LayerTypes {
		if t != "full_attention" {
			p.refuse(true, "layer_types with %q is not supported (full_attention)", t)
			return
		}
	}
}

// check refuses shapes that cannot be laid out.
func (c Config) check(p *problems) {
	for _, d := range []struct {
		name string
		v    int
	}{{"hidden_size", c.Hidden}, {"intermediate_size", c.FF}, {"num_hidden_layers", c.Layers}, {"num_attention_heads", c.Heads},
		{"num_key_value_heads", c.KVHeads}, {"vocab_size", c.Vocab}, {"max_position_embeddings", c.MaxPositions}} {
		p.refuse(d.v <= 0 || d.v > 1<<24, "%s is %d: it must be between 1 and 2^24", d.name, d.v)
	}
	p.refuse(!(c.Eps > 0 && c.Eps < 1), "rms_norm_eps %g must be between 0 and 1", c.Eps)
	p.refuse(c.MaxPositions > 1<<20, "max_position_embeddings %d must not exceed 2^20", c.MaxPositions)
	p.refuse(c.Layers > 1<<12, "num_hidden_layers %d must not exceed 4096", c.Layers)
	p.refuse(c.KVHeads > 0 && c.Heads%c.KVHeads != 0, "num_attention_heads %d is not a multiple of num_key_value_heads %d", c.Heads, c.KVHeads)
	p.refuse(c.Head <= 0 || c.Head%2 != 0 || c.Head > 1<<16, "head_dim %d must be even and between 2 and 65536", c.Head)
}
