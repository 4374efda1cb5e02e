// Package runspec is one table of what a run's spec consists of: every key with its unit, its meaning, and how it is read and
// written. Spec files, flags, error texts, docs/spec.md and the file that `weft model spec` writes follow from it.
package runspec

//go:generate go run ./internal/doc ../../docs/spec.md
