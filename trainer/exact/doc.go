// Package exact is Weft's arithmetic: a matrix product, row reductions and a few elementary functions whose results
// have the same bits on every processor. docs/numerics.md is the normative text; the pure Go code here is its
// executable definition, and the assembly is an implementation of that definition.
//
// It may import the standard library and golang.org/x/sys/cpu, nothing else.
package exact
