// Package lora holds adapters: low-rank factors A and B for projections of a frozen base (Hu et al., "LoRA", 2021).
// All parameters of an adapter are one flat slice in the order of their names, which is also the order of the
// adapter's file, of gradients, of optimizer moments and of deltas.
package lora
