package llm

import (
	"strings"
	"testing"
)

const smolConfig = `{"model_type":"llama","hidden_act":"silu","hidden_size":576,"intermediate_size":1536,"num_hidden_layers":30,"num_attention_heads":9,
"num_key_value_heads":3,"vocab_size":49152,"max_position_embeddings":8192,"rms_norm_eps":1e-05,"rope_theta":100000,"tie_word_embeddings":true,
"bos_token_id":1,"eos_token_id":2}`

// FuzzParseConfig checks that a configuration that is accepted describes a decoder that can be laid out.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(smolConfig))
	f.Add([]byte(`{}`))
	f.Add([]byte(strings.Replace(smolConfig, `"eos_token_id":2`, `"eos_token_id":[2,5],"rope_parameters":{"rope_type":"default","rope_theta":5e5},"head_dim":32`, 1)))
	f.Add([]byte(strings.Replace(smolConfig, `"rms_norm_eps":1e-05`, `"rms_norm_eps":-1`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseConfig(b)
		if err != nil {
			return
		}
		for name, v := range map[string]int{"layers": c.Layers, "hidden": c.Hidden, "ff": c.FF, "heads": c.Heads, "kv": c.KVHeads, "head": c.Head, "vocab": c.Vocab, "positions": c.MaxPositions} {
			if v <= 0 || v > 1<<24 {
				t.Fatalf("%s is %d", name, v)
			}
		}
		if c.Heads%c.KVHeads != 0 || c.Head%2 != 0 || c.RopeTheta <= 1 || !(c.Eps > 0) {
			t.Fatalf("%+v", c)
		}
		for _, p := range Projections {
			if out, in := c.Dims(p); out <= 0 || in <= 0 {
				t.Fatalf("%s is %d by %d", p, out, in)
			}
		}
	})
}

func TestBadConfigsAreNamed(t *testing.T) {
	for from, k := range map[string]struct{ to, want string }{
		`"model_type":"llama"`:       {`"model_type":"mamba"`, `model_type "mamba"`},
		`"hidden_act":"silu"`:        {`"hidden_act":"gelu"`, `hidden_act "gelu"`},
		`"hidden_size":576`:          {`"hidden_size":0`, "hidden_size is 0"},
		`"num_hidden_layers":30`:     {`"num_hidden_layers":999999999`, "num_hidden_layers"},
		`"num_key_value_heads":3`:    {`"num_key_value_heads":4`, "not a multiple"},
		`"num_attention_heads":9`:    {`"num_attention_heads":9,"head_dim":7`, "head_dim 7"},
		`"rms_norm_eps":1e-05`:       {`"rms_norm_eps":0`, "rms_norm_eps"},
		`"rope_theta":100000`:        {`"rope_theta":0.5`, "rope_theta"},
		`"tie_word_embeddings":true`: {`"rope_scaling":{"type":"yarn"}`, `"yarn"`},
		`"eos_token_id":2`:           {`"eos_token_id":"two"`, "eos_token_id"},
		`"bos_token_id":1`:           {`"attention_bias":true`, "attention_bias"},
		"}":                          {"", "config.json"},
	} {
		if !strings.Contains(smolConfig, from) {
			t.Fatalf("%q is not in the sample", from)
		}
		_, err := ParseConfig([]byte(strings.Replace(smolConfig, from, k.to, 1)))
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), "config.json") {
			t.Errorf("%s: error %v does not name %q", k.to, err, k.want)
		}
	}
	if c, err := ParseConfig([]byte(smolConfig)); err != nil || c.Head != 64 || !c.Tied || c.EOS[0] != 2 {
		t.Error(c, err)
	}
}
