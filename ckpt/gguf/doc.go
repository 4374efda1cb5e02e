// Package gguf reads the GGUF format, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md):
// metadata, tensor directory, and tensors widened to float32.
package gguf
