package main

import (
	"runtime/debug"

	"github.com/weftnet/weft/trainer/llm"
)

// loadQuietly lays a base out without leaving its tensors behind: each one is garbage as soon as it is laid out, and at
// the collector's usual pace they would add up to the memory's peak. What was freed goes back to the system.
func loadQuietly(load func() (*llm.Model, error)) (*llm.Model, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	m, err := load()
	debug.FreeOSMemory()
	return m, err
}
