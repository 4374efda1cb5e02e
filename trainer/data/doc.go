// Package data turns records into token sets and deals them to trainers. A dataset is JSONL; a token set is one
// canonical safetensors file (ids, offsets, loss mask, record ids) whose digest a run pins, so that tokenizers and
// templates stay out of what is replayed.
package data
