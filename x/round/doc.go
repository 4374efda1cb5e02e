// Package round is the x/round module: how a model is trained. Governance
// opens runs; trainers enrol and commit their work; attesters witness, vote
// and evaluate; the chain pays. The rules are in x/round/protocol.
package round
