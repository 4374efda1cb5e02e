package llm

import (
	"encoding/json"
	"strings"
	"testing"
)

// published are the config.json of bases as their makers published them (without fields of training and of storage), and
// the bases' numbers of parameters, which follow from a config only if it is read rightly.
var published = map[string]struct {
	json   string
	params int
	want   Config // beside the sizes, which params covers
}{
	"Llama-2-7b": {`{"architectures":["LlamaForCausalLM"],"bos_token_id":1,"eos_token_id":2,"hidden_act":"silu","hidden_size":4096,
"intermediate_size":11008,"max_position_embeddings":4096,"model_type":"llama","num_attention_heads":32,"num_hidden_layers":32,
"num_key_value_heads":32,"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_scaling":null,"tie_word_embeddings":false,"torch_dtype":"float16",
"use_cache":true,"vocab_size":32000}`,
		6738415616, Config{Head: 128, MaxPositions: 4096, Eps: 1e-5, RopeTheta: 10000, BOS: 1, EOS: []int{2}}},
	"Llama-3.2-1B": {`{"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":128000,
"eos_token_id":128001,"head_dim":64,"hidden_act":"silu","hidden_size":2048,"intermediate_size":8192,"max_position_embeddings":131072,
"mlp_bias":false,"model_type":"llama","num_attention_heads":32,"num_hidden_layers":16,"num_key_value_heads":8,"pretraining_tp":1,
"rms_norm_eps":1e-05,"rope_scaling":{"factor":32.0,"high_freq_factor":4.0,"low_freq_factor":1.0,"original_max_position_embeddings":8192,
"rope_type":"llama3"},"rope_theta":500000.0,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":128256}`,
		1235814400, Config{Head: 64, MaxPositions: 131072, Eps: 1e-5, RopeTheta: 500000, Tied: true, BOS: 128000, EOS: []int{128001},
			Rope: RopeScaling{Type: RopeLlama3, Factor: 32, LowFreq: 1, HighFreq: 4, Original: 8192}}},
	"SmolLM2-135M": {`{"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":0,"eos_token_id":0,
"hidden_act":"silu","hidden_size":576,"initializer_range":0.041666666666666664,"intermediate_size":1536,"is_llama_config":true,
"max_position_embeddings":8192,"model_type":"llama","num_attention_heads":9,"num_hidden_layers":30,"num_key_value_heads":3,
"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_interleaved":false,"rope_scaling":null,"rope_theta":100000,"tie_word_embeddings":true,
"torch_dtype":"bfloat16","use_cache":true,"vocab_size":49152}`,
		134515008, Config{Head: 64, MaxPositions: 8192, Eps: 1e-5, RopeTheta: 100000, Tied: true, BOS: 0, EOS: []int{0}}},
	"SmolLM2-360M": {`{"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":0,"eos_token_id":0,
"hidden_act":"silu","hidden_size":960,"intermediate_size":2560,"is_llama_config":true,"max_position_embeddings":8192,"mlp_bias":false,
"model_type":"llama","num_attention_heads":15,"num_hidden_layers":32,"num_key_value_heads":5,"pretraining_tp":1,"rms_norm_eps":1e-05,
"rope_interleaved":false,"rope_scaling":null,"rope_theta":100000,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,
"vocab_size":49152}`,
		361821120, Config{Head: 64, MaxPositions: 8192, Eps: 1e-5, RopeTheta: 100000, Tied: true, BOS: 0, EOS: []int{0}}},
	"SmolLM2-1.7B": {`{"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":0,"eos_token_id":0,
"hidden_act":"silu","hidden_size":2048,"intermediate_size":8192,"max_position_embeddings":8192,"mlp_bias":false,"model_type":"llama",
"num_attention_heads":32,"num_hidden_layers":24,"num_key_value_heads":32,"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_scaling":null,
"rope_theta":130000,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":49152}`,
		1711376384, Config{Head: 64, MaxPositions: 8192, Eps: 1e-5, RopeTheta: 130000, Tied: true, BOS: 0, EOS: []int{0}}},
	"Mistral-7B-v0.3": {`{"architectures":["MistralForCausalLM"],"attention_dropout":0.0,"bos_token_id":1,"eos_token_id":2,"hidden_act":"silu",
"hidden_size":4096,"intermediate_size":14336,"max_position_embeddings":32768,"model_type":"mistral","num_attention_heads":32,
"num_hidden_layers":32,"num_key_value_heads":8,"rms_norm_eps":1e-05,"rope_theta":1000000.0,"sliding_window":null,
"tie_word_embeddings":false,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":32768}`,
		7248023552, Config{Head: 128, MaxPositions: 32768, Eps: 1e-5, RopeTheta: 1000000, BOS: 1, EOS: []int{2}}},
	"Qwen2.5-0.5B": {`{"architectures":["Qwen2ForCausalLM"],"attention_dropout":0.0,"bos_token_id":151643,"eos_token_id":151643,
"hidden_act":"silu","hidden_size":896,"intermediate_size":4864,"max_position_embeddings":32768,"max_window_layers":24,"model_type":"qwen2",
"num_attention_heads":14,"num_hidden_layers":24,"num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"sliding_window":32768,
"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"use_mrope":false,"use_sliding_window":false,"vocab_size":151936}`,
		494032768, Config{Head: 64, MaxPositions: 32768, Eps: 1e-6, RopeTheta: 1000000, Tied: true, QKVBias: true,
			BOS: 151643, EOS: []int{151643}}},
	"Qwen3-0.6B": {`{"architectures":["Qwen3ForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":151643,
"eos_token_id":151645,"head_dim":128,"hidden_act":"silu","hidden_size":1024,"intermediate_size":3072,"max_position_embeddings":40960,
"max_window_layers":28,"model_type":"qwen3","num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"rms_norm_eps":1e-06,
"rope_scaling":null,"rope_theta":1000000,"sliding_window":null,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,
"use_sliding_window":false,"vocab_size":151936}`,
		596049920, Config{Head: 128, MaxPositions: 40960, Eps: 1e-6, RopeTheta: 1000000, Tied: true, QKNorm: true,
			BOS: 151643, EOS: []int{151645}}},
}

// parameters counts the numbers of a base.
func (c Config) parameters() int {
	layer := 2 * c.Hidden
	for i, p := range Projections {
		out, in := c.Dims(p)
		layer += out * in
		if c.QKVBias && i <= projV {
			layer += out
		}
	}
	if c.QKNorm {
		layer += 2 * c.Head
	}
	n := c.Layers*layer + c.Vocab*c.Hidden + c.Hidden
	if !c.Tied {
		n += c.Vocab * c.Hidden
	}
	return n
}

func TestPublishedConfigs(t *testing.T) {
	for name, k := range published {
		c, err := ParseConfig([]byte(k.json))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.parameters(); got != k.params {
			t.Errorf("%s: %d parameters, want %d", name, got, k.params)
		}
		w := k.want
		if c.Head != w.Head || c.MaxPositions != w.MaxPositions || c.Eps != w.Eps || c.RopeTheta != w.RopeTheta || c.Rope != w.Rope ||
			c.Tied != w.Tied || c.QKVBias != w.QKVBias || c.QKNorm != w.QKNorm || c.BOS != w.BOS || len(c.EOS) != 1 || c.EOS[0] != w.EOS[0] {
			t.Errorf("%s: got %+v, want %+v", name, c, w)
		}
	}
}

// edited is a config.json with the sizes only; edit sets fields of it, each a JSON text ("": removes the field).
func edited(t *testing.T, modelType string, edit map[string]string) []byte {
	t.Helper()
	fields := map[string]json.RawMessage{"hidden_size": []byte("64"), "intermediate_size": []byte("96"), "num_hidden_layers": []byte("2"),
		"num_attention_heads": []byte("8"), "vocab_size": []byte("100"), "model_type": []byte(`"` + modelType + `"`)}
	for k, v := range edit {
		if fields[k] = []byte(v); v == "" {
			delete(fields, k)
		}
	}
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFieldsLeftOut checks the values that transformers gives to what a file does not say.
func TestFieldsLeftOut(t *testing.T) {
	plain := func(f func(c *Config)) Config {
		c := Config{Layers: 2, Hidden: 64, FF: 96, Heads: 8, KVHeads: 8, Head: 8, Vocab: 100, MaxPositions: 2048,
			Eps: 1e-6, RopeTheta: 10000, BOS: -1}
		f(&c)
		return c
	}
	llama := func(c *Config) { c.BOS, c.EOS = 1, []int{2} }
	for _, k := range []struct {
		name, model string
		edit        map[string]string
		want        Config
	}{
		{"llama", "llama", nil, plain(llama)},
		{"null heads", "llama", map[string]string{"num_key_value_heads": "null", "head_dim": "null", "rope_parameters": "null"}, plain(llama)},
		{"no tokens", "llama", map[string]string{"bos_token_id": "null", "eos_token_id": "null"}, plain(func(*Config) {})},
		{"several ends", "llama", map[string]string{"eos_token_id": "[7,9]"}, plain(func(c *Config) { c.BOS, c.EOS = 1, []int{7, 9} })},
		{"mistral", "mistral", map[string]string{"sliding_window": "null"}, plain(func(c *Config) { llama(c); c.MaxPositions = 131072 })},
		{"mistral window", "mistral", map[string]string{"max_position_embeddings": "4096"},
			plain(func(c *Config) { llama(c); c.MaxPositions = 4096 })},
		{"qwen2", "qwen2", map[string]string{"num_key_value_heads": "2", "sliding_window": "16"},
			plain(func(c *Config) { c.KVHeads, c.MaxPositions, c.QKVBias = 2, 32768, true })},
		{"qwen3", "qwen3", map[string]string{"num_key_value_heads": "null", "layer_types": `["full_attention","full_attention"]`},
			plain(func(c *Config) { c.Head, c.MaxPositions, c.QKNorm = 128, 32768, true })},
	} {
		got, err := ParseConfig(edited(t, k.model, k.edit))
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		a, b := marshal(t, got), marshal(t, k.want)
		if a != b {
			t.Errorf("%s: got %s, want %s", k.name, a, b)
		}
	}
}

func marshal(t *testing.T, c Config) string {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), `"EOS":[]`, `"EOS":null`)
}

// TestForeignFieldsAreNamed sets each field of another decoder, and checks that the values which change nothing pass.
func TestForeignFieldsAreNamed(t *testing.T) {
	for name, same := range foreign {
		for _, v := range []string{"0.5", "true", `["x"]`, `{"a":1}`, `"x"`} {
			if v == same {
				continue
			}
			_, err := ParseConfig(edited(t, "llama", map[string]string{name: v}))
			if err == nil || !strings.Contains(err.Error(), "config.json: "+name+" ") {
				t.Errorf("%s %s: error %v does not name it", name, v, err)
			}
		}
		neutral := []string{"null", same}
		if same == "" {
			neutral = []string{"null", "false", "0", "0.0", `""`, "[]", "{}"}
		}
		for _, v := range neutral {
			if _, err := ParseConfig(edited(t, "llama", map[string]string{name: v})); err != nil {
				t.Errorf("%s %s: %v", name, v, err)
			}
		}
	}
}

// TestRefusals has a case for each refusal of a field that is read.
func TestRefusals(t *testing.T) {
	for _, k := range []struct{ model, field, value, want string }{
		{"gemma3", "", "", `model_type "gemma3" is not supported ([llama mistral qwen2 qwen3])`},
		{"phi3", "", "", `model_type "phi3"`},
		{"qwen3_moe", "", "", `model_type "qwen3_moe"`},
		{"", "", "", `model_type ""`},
		{"llama", "architectures", `["LlamaForSequenceClassification"]`, "architectures [LlamaForSequenceClassification]"},
		{"llama", "hidden_act", `"gelu"`, `hidden_act "gelu"`},
		{"llama", "attention_bias", "true", "attention_bias true"},
		{"qwen3", "attention_bias", "true", "attention_bias true"},
		{"llama", "mlp_bias", "true", "mlp_bias true"},
		{"qwen2", "use_sliding_window", "true", "use_sliding_window true"},
		{"qwen3", "use_sliding_window", "true", "use_sliding_window true"},
		{"qwen3", "layer_types", `["full_attention","sliding_attention"]`, `layer_types with "sliding_attention"`},
		{"mistral", "sliding_window", "2048", "sliding_window 2048, shorter than max_position_embeddings 131072"},
		{"mistral", "sliding_window", "", "sliding_window 4096"},
		{"llama", "sliding_window", "1024", "sliding_window 1024"},
		{"llama", "num_key_value_heads", "3", "num_attention_heads 8 is not a multiple of num_key_value_heads 3"},
		{"llama", "num_key_value_heads", "-8", "num_key_value_heads is -8"},
		{"llama", "num_attention_heads", "7", "hidden_size 64 is not a multiple of num_attention_heads 7"},
		{"llama", "num_attention_heads", "", "num_attention_heads is 0"},
		{"llama", "hidden_size", "", "hidden_size is 0"},
		{"llama", "intermediate_size", "-1", "intermediate_size is -1"},
		{"llama", "vocab_size", "99999999999", "vocab_size is 99999999999"},
		{"llama", "num_hidden_layers", "5000", "num_hidden_layers 5000"},
		{"llama", "max_position_embeddings", "10485760", "max_position_embeddings 10485760"},
		{"llama", "head_dim", "7", "head_dim 7"},
		{"qwen3", "head_dim", "0", "head_dim 0"},
		{"llama", "rms_norm_eps", "0", "rms_norm_eps 0"},
		{"llama", "eos_token_id", `"two"`, "eos_token_id"},
		{"llama", "hidden_size", `"64"`, "hidden_size"},
	} {
		edit := map[string]string{}
		if k.field != "" {
			edit[k.field] = k.value
		}
		_, err := ParseConfig(edited(t, k.model, edit))
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.HasPrefix(err.Error(), "config.json: ") {
			t.Errorf("%s, %s %s: error %v does not say %q", k.model, k.field, k.value, err, k.want)
		}
	}
	if _, err := ParseConfig([]byte("{")); err == nil || !strings.HasPrefix(err.Error(), "config.json: ") {
		t.Errorf("half a file: error %v", err)
	}
	both := edited(t, "llama", map[string]string{"mlp_bias": "true", "num_experts": "8", "hidden_act": `"relu"`})
	if _, err := ParseConfig(both); err == nil || strings.Count(err.Error(), "config.json: ") != 3 {
		t.Errorf("three faults are reported as %v", err)
	}
}
