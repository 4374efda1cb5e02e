// Package protocol holds the rules of a training run: what a run, a round, a
// contribution and a vote are, and how they change.
//
// It is pure. It imports only the standard library, reads no clock and does no
// I/O: time, the weights of attesters and the standing of workers are passed
// in, and what is to be done (coins to move, bonds to lock, events to show)
// comes back as values. The chain's keeper, the trainers and the tests run the
// same code. docs/protocol.md is the text of these rules for people.
//
// Every quantity is an integer. Real-valued settings are carried in units of
// 1e-9 ("nano"): a learning rate of 1e-3 is 1_000_000.
package protocol
