package base

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/weftnet/weft/ckpt/gguf"
	"github.com/weftnet/weft/ckpt/safetensors"
)

// ImportGGUF turns a GGUF file of the llama architecture into a folder at dst: weights as float32 (every number exactly
// as the file gives it) with query and key rows back in Hugging Face's order, the tokenizer, and the chat template.
func ImportGGUF(path, dst string) (err error) {
	f, err := gguf.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	m := meta{f.Meta}
	if a := m.str("general.architecture"); a != "llama" {
		return fmt.Errorf("gguf: architecture %q is not supported (llama is)", a)
	}
	cfg, err := ggufConfig(f, m)
	if err != nil {
		return err
	}
	tok, tokCfg, err := ggufTokenizer(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dst, 0o755); err != nil {
		return err
	}
	for name, v := range map[string]any{ConfigFile: cfg, TokenizerFile: tok, "tokenizer_config.json": tokCfg} {
		raw, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dst, name), raw, 0o644); err != nil {
			return err
		}
	}
	return ggufWeights(f, cfg, filepath.Join(dst, WeightsFile))
}

// meta reads metadata with defaults.
type meta struct{ m map[string]any }

func (m meta) str(k string) string { s, _ := m.m[k].(string); return s }

func (m meta) num(k string, or int) int {
	switch v := m.m[k].(type) {
	case uint64:
		if v < 1<<31 {
			return int(v)
		}
	case int64:
		if v >= 0 && v < 1<<31 {
			return int(v)
		}
	}
	return or
}

func (m meta) float(k string, or float64) float64 {
	if v, ok := m.m[k].(float64); ok {
		return v
	}
	return or
}

// shortest is the float64 whose decimal form is the shortest one for the float32 that the file stored.
func shortest(v float64) json.Number {
	b, err := json.Marshal(float32(v))
	if err != nil {
		return "0"
	}
	return json.Number(b)
}

// config is the config.json that an import writes.
type config struct {
	Architectures []string     `json:"architectures"`
	AttentionBias bool         `json:"attention_bias"`
	BOS           int          `json:"bos_token_id"`
	EOS           int          `json:"eos_token_id"`
	HeadDim       int          `json:"head_dim"`
	Act           string       `json:"hidden_act"`
	Hidden        int          `json:"hidden_size"`
	FF            int          `json:"intermediate_size"`
	Positions     int          `json:"max_position_embeddings"`
	MLPBias       bool         `json:"mlp_bias"`
	ModelType     string       `json:"model_type"`
	Heads         int          `json:"num_attention_heads"`
	Layers        int          `json:"num_hidden_layers"`
	KVHeads       int          `json:"num_key_value_heads"`
	Eps           json.Number  `json:"rms_norm_eps"`
	Rope          *ropeScaling `json:"rope_scaling,omitempty"`
	Theta         json.Number  `json:"rope_theta"`
	Tied          bool         `json:"tie_word_embeddings"`
	DType         string       `json:"torch_dtype"`
	Vocab         int          `json:"vocab_size"`
}

func ggufConfig(f *gguf.File, m meta) (config, error) {
	emb, ok := f.Tensors["token_embd.weight"]
	if !ok || len(emb.Dims) != 2 {
		return config{}, errors.New("gguf: there is no token_embd.weight")
	}
	_, untied := f.Tensors["output.weight"]
	heads := m.num("llama.attention.head_count", 0)
	c := config{Architectures: []string{"LlamaForCausalLM"}, ModelType: "llama", Act: "silu", DType: "float32", Tied: !untied,
		BOS: m.num("tokenizer.ggml.bos_token_id", 1), EOS: m.num("tokenizer.ggml.eos_token_id", 2),
		Hidden: m.num("llama.embedding_length", 0), FF: m.num("llama.feed_forward_length", 0), Positions: m.num("llama.context_length", 0),
		Heads: heads, KVHeads: m.num("llama.attention.head_count_kv", heads), Layers: m.num("llama.block_count", 0), Vocab: emb.Dims[1],
		Eps: shortest(m.float("llama.attention.layer_norm_rms_epsilon", 1e-5)), Theta: shortest(m.float("llama.rope.freq_base", 10000))}
	if heads < 1 || c.KVHeads < 1 || c.Hidden < 1 || c.Layers < 1 || c.Layers > 10000 {
		return config{}, fmt.Errorf("gguf: %d heads, %d layers and width %d do not describe a model", heads, c.Layers, c.Hidden)
	}
	c.HeadDim = m.num("llama.attention.key_length", c.Hidden/heads)
	theta, err := c.Theta.Float64()
	if err != nil {
		return config{}, fmt.Errorf("gguf: llama.rope.freq_base: %w", err)
	}
	c.Rope, err = ggufRope(f, m, c.HeadDim, theta)
	return c, err
}

// ggufWeights writes model.safetensors.
func ggufWeights(f *gguf.File, c config, path string) (err error) {
	var ts []safetensors.Tensor
	add := func(name, from string, permuted int, shape ...int) error {
		x, err := f.Floats(from)
		if err != nil {
			return err
		}
		n := 1
		for _, d := range shape {
			n *= d
		}
		if len(x) != n {
			return fmt.Errorf("gguf: tensor %s has %d elements, the metadata needs %v", from, len(x), shape)
		}
		if permuted > 0 {
			x = unpermute(x, permuted, c.HeadDim, shape[1])
		}
		ts = append(ts, safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: shape, Bytes: safetensors.EncodeF32(x)})
		return nil
	}
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	errs := []error{
		add("model.embed_tokens.weight", "token_embd.weight", 0, c.Vocab, c.Hidden),
		add("model.norm.weight", "output_norm.weight", 0, c.Hidden),
	}
	if !c.Tied {
		errs = append(errs, add("lm_head.weight", "output.weight", 0, c.Vocab, c.Hidden))
	}
	for l := range c.Layers {
		hf, gg := fmt.Sprintf("model.layers.%d.", l), fmt.Sprintf("blk.%d.", l)
		errs = append(errs,
			add(hf+"input_layernorm.weight", gg+"attn_norm.weight", 0, c.Hidden),
			add(hf+"post_attention_layernorm.weight", gg+"ffn_norm.weight", 0, c.Hidden),
			add(hf+"self_attn.q_proj.weight", gg+"attn_q.weight", c.Heads, q, c.Hidden),
			add(hf+"self_attn.k_proj.weight", gg+"attn_k.weight", c.KVHeads, kv, c.Hidden),
			add(hf+"self_attn.v_proj.weight", gg+"attn_v.weight", 0, kv, c.Hidden),
			add(hf+"self_attn.o_proj.weight", gg+"attn_output.weight", 0, c.Hidden, q),
			add(hf+"mlp.gate_proj.weight", gg+"ffn_gate.weight", 0, c.FF, c.Hidden),
			add(hf+"mlp.up_proj.weight", gg+"ffn_up.weight", 0, c.FF, c.Hidden),
			add(hf+"mlp.down_proj.weight", gg+"ffn_down.weight", 0, c.Hidden, c.FF))
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	w, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(safetensors.Write(w, ts, map[string]string{"format": "pt"}), w.Sync(), w.Close())
}

// unpermute undoes llama.cpp's row order of query and key weights: row 2i+j of a head goes back to row j*dim/2+i, which is
// from x [heads][dim/2][2][in] to [heads][2][dim/2][in].
func unpermute(x []float32, heads, dim, in int) []float32 {
	y := make([]float32, len(x))
	for h := range heads {
		for i := range dim / 2 {
			for j := range 2 {
				copy(y[(h*dim+j*dim/2+i)*in:][:in], x[(h*dim+2*i+j)*in:])
			}
		}
	}
	return y
}

func token(tokens []any, id int) string {
	if id < 0 || id >= len(tokens) {
		return ""
	}
	s, _ := tokens[id].(string)
	return s
}

func isByteToken(s string) bool { return len(s) == 6 && strings.HasPrefix(s, "<0x") && s[5] == '>' }
