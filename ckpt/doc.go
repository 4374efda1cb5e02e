// Package ckpt names and keeps checkpoints: digests, canonical manifests, a content-addressed store, and the walk over
// a lineage. Its subpackages read and write file formats and hold the rules of deltas and aggregation.
//
// It knows flat slices, shapes and bytes; it imports neither the chain's SDK nor the trainer.
package ckpt
