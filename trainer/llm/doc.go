// Package llm is a Llama-family decoder with LoRA on its projections: forward and backward passes written by hand in
// the arithmetic of package exact, an evaluation, and generation with a cache. docs/numerics.md gives every operation's
// order and rounding.
//
// It speaks flat slices and package lora's adapters; it knows no files, no network and no chain.
package llm
