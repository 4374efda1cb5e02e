// Package loss turns the expression of a run's loss into numbers that are the same on every processor: the loss of one
// sequence and its derivative with respect to the log-probability of each answer token (docs/losses.md).
//
// The way of an expression: text, a typed tree (parse.go), a gorgonia graph (lower.go), which gorgonia differentiates
// symbolically, a small straight-line program read off that graph (derive.go), and an interpreter of that program
// (run.go). gorgonia derives and computes nothing that trains: its kernels use the platform's exp and log.
// Before an expression is used its derivative is compared with finite differences (check.go).
package loss
