// Package trainer is what workers do: a Trainer follows a run on the chain and trains its slots, an Attester witnesses
// deltas, folds them into checkpoints and evaluates them. Both read the chain level-triggered, so that a lost event or
// a restart does no harm: all they need is the chain and their own store.
//
// It speaks x/round/protocol values; only package chain below it knows the SDK.
package trainer
