package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// family is what a model_type implies. The values that a config.json may leave out are transformers' defaults; the sizes
// have no default here, because a file without its hidden_size is damaged rather than brief.
type family struct {
	architecture string
	maxPositions int
	kvHeads      int   // 0: as many as heads
	headDim      int   // 0: hidden/heads
	sliding      int   // 0: no window
	bos          int   // 0: none
	eos          []int // nil: none
	qkvBias      bool
	qkNorm       bool
	// slidingSwitch: sliding_window counts only where use_sliding_window is true.
	slidingSwitch bool
}

var families = map[string]family{
	"llama":   {architecture: "LlamaForCausalLM", maxPositions: 2048, bos: 1, eos: []int{2}},
	"mistral": {architecture: "MistralForCausalLM", maxPositions: 131072, kvHeads: 8, sliding: 4096, bos: 1, eos: []int{2}},
	"qwen2":   {architecture: "Qwen2ForCausalLM", maxPositions: 32768, kvHeads: 32, qkvBias: true, slidingSwitch: true},
	"qwen3":   {architecture: "Qwen3ForCausalLM", maxPositions: 32768, kvHeads: 32, headDim: 128, qkNorm: true, slidingSwitch: true},
}

// Families lists the values of model_type that ParseConfig reads, sorted.
func Families() []string { return slices.Sorted(maps.Keys(families)) }

// defaults is a file of this family in which every optional field is left out.
func (m family) defaults() configFile {
	optional := func(v int) *int {
		if v == 0 {
			return nil
		}
		return &v
	}
	return configFile{HiddenAct: "silu", Eps: 1e-6, Theta: 10000, MaxPositions: m.maxPositions, KVHeads: optional(m.kvHeads),
		HeadDim: optional(m.headDim), Sliding: optional(m.sliding), BOS: optional(m.bos), EOS: slices.Clone(m.eos)}
}

// foreign are fields of other decoders, with the value at which each changes nothing. A null changes nothing either, and
// where no value is given, so do false, zero and what is empty. A file that sets one otherwise describes a function that
// this decoder does not compute, whatever its model_type says.
var foreign = map[string]string{
	// constants in the place of 1, or of 1/sqrt(head)
	"attention_multiplier": "", "query_pre_attn_scalar": "", "embedding_multiplier": "1", "residual_multiplier": "1", "logits_scaling": "1",
	"logit_scale": "1", "scale_emb": "1", "scale_depth": "", "dim_model_base": "",
	"attn_logit_softcapping": "", "final_logit_softcapping": "", "clip_qkv": "",
	// another rotation
	"partial_rotary_factor": "1", "rotary_pct": "1", "rope_interleaved": "", "use_mrope": "",
	"no_rope_layers": "", "no_rope_layer_interval": "", "alibi": "",
	// another attention
	"is_causal": "true", "attention_chunk_size": "", "attn_temperature_tuning": "", "kv_lora_rank": "", "q_lora_rank": "",
	"cross_attention_layers": "", "add_cross_attention": "", "is_encoder_decoder": "", "qk_layernorm": "", "use_qk_norm": "",
	// other layers
	"num_experts": "", "num_local_experts": "", "n_routed_experts": "", "num_experts_per_tok": "", "moe_intermediate_size": "",
	"parallel_attn": "", "use_parallel_residual": "", "block_configs": "", "pruned_heads": "",
	"use_bias": "", "qkv_bias": "", "attention_out_bias": "", "lm_head_bias": "",
	// weights that are not the model's numbers
	"quantization_config": "",
}

// checkUnsupported refuses every field of foreign that is set.
func checkUnsupported(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("config.json: %w", err)
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if same, ok := foreign[strings.ToLower(name)]; ok && !changesNothing(fields[name], same) {
			errs = append(errs, fmt.Errorf("config.json: %s %s is not supported", name, shorten(fields[name])))
		}
	}
	return errors.Join(errs...)
}

func changesNothing(raw json.RawMessage, same string) bool {
	var v, w any
	if json.Unmarshal(raw, &v) != nil {
		return false
	}
	if v == nil {
		return true
	}
	if same != "" {
		return json.Unmarshal([]byte(same), &w) == nil && isScalar(v) && v == w
	}
	switch v := v.(type) {
	case bool:
		return !v
	case float64:
		return v == 0
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// isScalar tells whether v can be compared with ==.
func isScalar(v any) bool {
	switch v.(type) {
	case bool, float64, string:
		return true
	}
	return false
}

// shorten is a value on one line for a message, cut at 40 bytes.
func shorten(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil || b.Len() > 40 {
		return "as given"
	}
	return b.String()
}
