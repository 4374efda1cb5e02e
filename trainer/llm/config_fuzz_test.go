package llm

import (
	"strings"
	"testing"
)

const smolConfig = `{"model_type":"llama","hidden_act":"silu","hidden_size":576,"intermediate_size":1536,
"num_hidden_layers":30,"num_attention_heads":9,"num_key_value_heads":3,"vocab_size":49152,"max_position_embeddings":8192,
"rms_norm_eps":1e-05,"rope_theta":100000,"tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":2}`

// FuzzParseConfig checks that a configuration that is accepted describes a decoder that can be laid out.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(smolConfig))
	f.Add([]byte(`{}`))
	f.Add([]byte(strings.Replace(smolConfig, `"eos_token_id":2`,
		`"eos_token_id":[2,5],"rope_parameters":{"rope_type":"default","rope_theta":5e5},"head_dim":32`, 1)))
	f.Add([]byte(strings.Replace(smolConfig, `"rms_norm_eps":1e-05`, `"rms_norm_eps":-1`, 1)))
	for _, k := range published {
		f.Add([]byte(k.json))
	}
	f.Add([]byte(strings.Replace(smolConfig, `"rope_theta":100000`, `"rope_parameters":`+llama3, 1)))
	f.Add([]byte(strings.Replace(smolConfig, `"rope_theta":100000`, `"rope_scaling":{"type":"linear","factor":2},"sliding_window":9000`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseConfig(b)
		if err != nil {
			return
		}
		for name, v := range map[string]int{
			"layers": c.Layers, "hidden": c.Hidden, "ff": c.FF, "heads": c.Heads, "kv": c.KVHeads, "head": c.Head,
			"vocab": c.Vocab, "positions": c.MaxPositions,
		} {
			if v <= 0 || v > 1<<24 {
				t.Fatalf("%s is %d", name, v)
			}
		}
		if c.Heads%c.KVHeads != 0 || c.Head%2 != 0 || c.RopeTheta <= 1 || !(c.Eps > 0) {
			t.Fatalf("%+v", c)
		}
		if f := c.Rope.Frequency(1 / c.RopeTheta); !(f >= 0 && f <= 1/c.RopeTheta) {
			t.Fatalf("%+v scales %g to %g", c.Rope, 1/c.RopeTheta, f)
		}
		for _, p := range Projections {
			if out, in := c.Dims(p); out <= 0 || in <= 0 {
				t.Fatalf("%s is %d by %d", p, out, in)
			}
		}
	})
}
