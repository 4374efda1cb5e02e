// Package ckpt names and keeps checkpoints: canonical manifests, a content-addressed store, and the walk over a lineage. Its
// subpackages are digests, stores and file formats.
//
// It knows flat slices, shapes and bytes; it imports neither the chain's SDK nor the trainer.
package ckpt
