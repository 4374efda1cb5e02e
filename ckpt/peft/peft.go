package peft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
)

// Names of an adapter folder's files.
const (
	WeightsFile = "adapter_model.safetensors"
	ConfigFile  = "adapter_config.json"
	CardFile    = "README.md"
)

// Config is adapter_config.json.
type Config struct {
	Base          string   `json:"base_model_name_or_path"`
	Bias          string   `json:"bias"`
	FanInFanOut   bool     `json:"fan_in_fan_out"`
	InferenceMode bool     `json:"inference_mode"`
	Alpha         int      `json:"lora_alpha"`
	Dropout       float64  `json:"lora_dropout"`
	Type          string   `json:"peft_type"`
	Rank          int      `json:"r"`
	Revision      *string  `json:"revision"`
	Targets       []string `json:"target_modules"`
	Task          string   `json:"task_type"`
}

// Card is what the model card tells.
type Card struct {
	Model      string
	Licence    string
	Base       string        // name or path for PEFT
	Folder     string        // of the adapter; empty: where it is written
	BaseDigest digest.Digest // what Weft pins
	Checkpoint digest.Digest
	Parent     string
	Run, Round uint64
	Numerics   string
	Eval       string // e.g. "0.9024 nats per answer token, over 7348 tokens"; empty: not evaluated
	Tainted    string // the checkpoint with forged work that it descends from; empty: none
	Trainers   []string
}

var card = template.Must(template.New("card").Parse(`---
base_model: {{.Base}}
library_name: peft
license: {{.Licence}}
pipeline_tag: text-generation
tags:
- lora
- weft
---

# {{.Model}}

A LoRA adapter trained on Weft: every step can be replayed bit for bit from public bytes.

| | |
|---|---|
| checkpoint | ` + "`{{.Checkpoint}}`" + ` |
| parent | ` + "`{{.Parent}}`" + ` |
| base | ` + "`{{.BaseDigest}}`" + ` |
{{- if .Run}}
| run, round | {{.Run}}, {{.Round}} |
{{- end}}
{{- if .Numerics}}
| numerics | ` + "`{{.Numerics}}`" + ` |
{{- end}}
{{- if .Eval}}
| evaluation | {{.Eval}} |
{{- end}}
{{- if .Tainted}}
| TAINTED | it descends from ` + "`{{.Tainted}}`" + `, which contains forged work |
{{- end}}

{{if .Trainers}}Trained in this round by:
{{range .Trainers}}
- {{.}}
{{- end}}
{{end}}
Use it with PEFT, where ` + "`adapter`" + ` is the folder of this file:

` + "```python" + `
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

adapter = "{{.Folder}}"
base = AutoModelForCausalLM.from_pretrained("{{.Base}}")
tokenizer = AutoTokenizer.from_pretrained("{{.Base}}")
model = PeftModel.from_pretrained(base, adapter)
` + "```" + `

or with Weft: ` + "`weft generate --base {{.Base}} --adapter {{.Folder}} --chat 'Hello'`" + `
`))

// Write makes the folder dir of an adapter whose file (with PEFT's tensor names, as Weft's checkpoints have them) is
// adapter.
func Write(dir string, adapter []byte, spec ckpt.AdapterSpec, c Card) error {
	f, err := safetensors.Parse(adapter)
	if err != nil {
		return err
	}
	var ts []safetensors.Tensor
	for _, n := range f.Names() {
		b, err := f.Bytes(n)
		if err != nil {
			return err
		}
		i, _ := f.Info(n)
		ts = append(ts, safetensors.Tensor{Name: n, DType: i.DType, Shape: i.Shape, Bytes: b})
	}
	weights, err := safetensors.Marshal(ts, map[string]string{"format": "pt"})
	if err != nil {
		return err
	}
	cfg, err := json.MarshalIndent(Config{Base: c.Base, Bias: "none", InferenceMode: true, Alpha: spec.Alpha, Type: "LORA", Rank: spec.Rank,
		Targets: spec.Targets, Task: "CAUSAL_LM"}, "", "  ")
	if err != nil {
		return err
	}
	if c.Folder == "" {
		if c.Folder, err = filepath.Abs(dir); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	if err := card.Execute(&text, c); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, b := range map[string][]byte{WeightsFile: weights, ConfigFile: append(cfg, '\n'), CardFile: text.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Read opens an adapter folder: its spec and its tensors by name. Adapters that Weft cannot apply are refused.
func Read(dir string) (ckpt.AdapterSpec, *safetensors.File, error) {
	raw, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	if err != nil {
		return ckpt.AdapterSpec{}, nil, err
	}
	var c Config
	if err := json.Unmarshal(raw, &c); err != nil {
		return ckpt.AdapterSpec{}, nil, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	var errs []error
	if !strings.EqualFold(c.Type, "LORA") {
		errs = append(errs, fmt.Errorf("%s: peft_type %q is not LORA", ConfigFile, c.Type))
	}
	if c.Bias != "" && c.Bias != "none" {
		errs = append(errs, fmt.Errorf("%s: bias %q is not supported", ConfigFile, c.Bias))
	}
	if c.Rank < 1 || c.Alpha < 1 || len(c.Targets) == 0 {
		errs = append(errs, fmt.Errorf("%s: r %d, lora_alpha %d and target_modules %v are incomplete", ConfigFile, c.Rank, c.Alpha, c.Targets))
	}
	if err := errors.Join(errs...); err != nil {
		return ckpt.AdapterSpec{}, nil, err
	}
	f, err := safetensors.Open(filepath.Join(dir, WeightsFile))
	return ckpt.AdapterSpec{Rank: c.Rank, Alpha: c.Alpha, Targets: c.Targets}, f, err
}
