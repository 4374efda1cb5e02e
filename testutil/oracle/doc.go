// Package oracle writes a Llama-family decoder with LoRA in gorgonia's primitive operations in float64, from the
// definition of the architecture and not from trainer/llm, and lets gorgonia differentiate it. Tests compare the
// hand-written backward pass of trainer/llm with it.
//
// Three of gorgonia's operations give wrong numbers without an error and are not used here: the derivative of
// InverseSqrt, Slice with bounds of 256 and more (heads are selected by products with 0/1 matrices), and Reshape of a
// node that has another use. The package is for tests: it keeps everything in memory and is slow.
package oracle
