package exact

import (
	"sync"
	"sync/atomic"
)

// scratch is one thread's working memory.
type scratch struct {
	tile []float32 // an edge tile
	a, b []uint32  // packed operands of small products
	f    []float32 // rows
}

// parallel runs task(i, thread) for i in [0,n) on the engine's threads. Tasks write disjoint outputs.
func (e *Engine) parallel(n int, task func(i int, s *scratch)) {
	if e.threads == 1 || n < 2 {
		for i := range n {
			task(i, &e.scratch[0])
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	run := func(s *scratch) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			task(i, s)
		}
	}
	for t := 1; t < min(e.threads, n); t++ {
		wg.Go(func() { run(&e.scratch[t]) })
	}
	run(&e.scratch[0])
	wg.Wait()
}

// grow returns s with at least n elements; the contents are not kept.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Each runs f(i) for i in [0,n) on the engine's threads; the calls must be independent.
func (e *Engine) Each(n int, f func(i int)) { e.parallel(n, func(i int, _ *scratch) { f(i) }) }
