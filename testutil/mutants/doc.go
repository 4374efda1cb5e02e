// Package mutants checks the checks: its test breaks the engine's source in ways in which backward passes and exact
// arithmetic go wrong (docs/numerics.md, "Tests"), one at a time, and demands that the tests that pin each rule fail.
package mutants
