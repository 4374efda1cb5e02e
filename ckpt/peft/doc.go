// Package peft writes and reads adapter folders as Hugging Face PEFT has them: adapter_model.safetensors,
// adapter_config.json, and a model card.
package peft
