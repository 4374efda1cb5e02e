// Package app wires the chain: which modules there are, in what order they run, and who may mint and burn.
package app
