// Package trainer is the worker that trains: it enrols in a run, computes its slots round after round, commits, publishes, and
// exposes auditors who were paid for work that they did not do. It keeps nothing between rounds but the snapshots that
// auditors may ask for: a restart, or another machine with the same key, goes on from the chain.
package trainer
