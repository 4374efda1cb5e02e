// Package worker is what a trainer and an attester have in common: a window on the chain, what the network may know of it,
// the loop that follows it, work in the background, and checkpoints fetched from others. Both read the chain level-triggered:
// at every block they act on what is there, so that a lost event or a restart does no harm.
//
// It speaks x/round/protocol values and knows no SDK; package chain implements Chain over a node.
package worker
