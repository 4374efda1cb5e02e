// Package chain is a worker's client of a node: it reads runs, rounds and workers as x/round/protocol values and sends
// an account's messages as transactions. It is the one package of the trainer that knows the SDK.
package chain
