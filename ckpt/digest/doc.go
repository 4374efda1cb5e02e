// Package digest is the one type and the one text form of a sha256 in Weft, and the Merkle trees over digests. It imports
// the standard library alone, so that the rules of a round, the chain's modules, checkpoints and trainers share it.
package digest
