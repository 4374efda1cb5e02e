// Package cheat holds real workers that lie, for tests that let them work beside honest ones. A lying trainer is a
// slot.Func; a lying attester is a real one behind a chain that changes what it sends. What becomes of each, to the
// uweft, is in the tables of the network tests (devnet/localnet/liars_test.go, liars_attester_test.go).
package cheat
