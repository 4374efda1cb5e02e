package main

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"

	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/exact"
)

const chatTemplate = `{% for message in messages %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}`

// weightsFile writes the parameters as bfloat16.
func (n *net) weightsFile() ([]byte, error) {
	var ts []safetensors.Tensor
	for _, p := range n.all {
		t := safetensors.Tensor{Name: p.name, DType: safetensors.BF16, Shape: []int{p.rows, p.cols}}
		if p.rows == 1 {
			t.Shape = []int{p.cols}
		}
		for _, v := range p.w {
			t.Bytes = binary.LittleEndian.AppendUint16(t.Bytes, uint16(math.Float32bits(exact.BF16(v))>>16))
		}
		ts = append(ts, t)
	}
	return safetensors.Marshal(ts, map[string]string{"format": "pt"})
}

func (n *net) configFile() ([]byte, error) {
	c := n.c
	b, err := json.MarshalIndent(map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu", "attention_bias": false, "mlp_bias": false,
		"hidden_size": c.Hidden, "intermediate_size": c.FF, "num_hidden_layers": c.Layers, "num_attention_heads": c.Heads,
		"num_key_value_heads": c.KVHeads, "head_dim": c.Head, "vocab_size": c.Vocab, "max_position_embeddings": c.MaxPositions,
		"rms_norm_eps": c.Eps, "rope_theta": c.RopeTheta, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
		"bos_token_id": c.BOS, "eos_token_id": c.EOS[0],
	}, "", "  ")
	return append(b, '\n'), err
}

func tokenizerConfigFile(positions int) ([]byte, error) {
	b, err := json.MarshalIndent(map[string]any{
		"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": specialText[turnStart], "eos_token": specialText[turnEnd],
		"pad_token": specialText[endOfText], "model_max_length": positions, "add_bos_token": false, "clean_up_tokenization_spaces": false,
		"chat_template": chatTemplate,
	}, "", "  ")
	return append(b, '\n'), err
}

func writeFile(dir, name string, data []byte) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
