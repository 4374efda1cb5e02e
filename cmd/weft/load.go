package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/weftnet/weft/trainer/exact"
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

// newEngine is exact.New with its errors explained; it warns of kernels that this processor computes wrongly.
func newEngine(n exact.Numerics, threads int) (*exact.Engine, error) {
	e, err := exact.New(n, threads)
	if err != nil {
		return nil, failed("start the engine", "", err)
	}
	for _, d := range e.Dropped() {
		fmt.Fprintf(os.Stderr, "warning: %v; using %s instead\n", d, e.Kernel())
	}
	return e, nil
}
