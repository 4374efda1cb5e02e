// Package attester is the worker beside a validator: it witnesses deltas, folds them, votes blindly on the checkpoint, opens
// the votes, recomputes what it is asked to, judges disputes, evaluates, and shows to everybody what is public. It keeps
// nothing that it could not compute again from the chain and its store.
package attester
