// Package base opens and imports frozen base models: a folder of config.json, model.safetensors (or shards),
// tokenizer.json and tokenizer_config.json as Hugging Face writes it, or a GGUF file turned into one. A base's digest is
// the digest of the canonical manifest of its config, weights and tokenizer files.
package base
