package exact

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
)

// Numerics is the id of a rule set of docs/numerics.md.
type Numerics string

const (
	// F32 takes products of float32 operands in ascending k.
	F32 Numerics = "exact-f32/1"
	// BFloat16 rounds every operand of a product to bfloat16 and adds in the order k = 1,0,3,2,…
	BFloat16 Numerics = "exact-bf16/1"
)

// ParseNumerics returns the rule set named s.
func ParseNumerics(s string) (Numerics, error) {
	switch n := Numerics(s); n {
	case F32, BFloat16:
		return n, nil
	}
	return "", fmt.Errorf("unknown numerics %q: this build knows %s and %s", s, BFloat16, F32)
}

// arith is arithmetic under one rule set with one kernel: the row operations and the products of a single thread.
type arith struct {
	num   Numerics
	k     kernel
	l     [lanes]float32 // of the reduction under way; here because kernels are called through pointers
	calls *atomic.Int64  // tiles computed, shared by everything that a kernel was chosen for
}

// Engine computes under one rule set with one kernel and a number of threads, none of which changes a bit.
// An Engine may be used by one goroutine at a time; Fork gives another one over the same kernels.
type Engine struct {
	arith
	pool    *pool
	dropped []error
}

func newEngine(a arith, threads int) *Engine {
	if a.calls == nil {
		a.calls = new(atomic.Int64)
	}
	return &Engine{arith: a, pool: newPool(a, threads)}
}

// New returns an engine for numerics n. threads <= 0 means all processors. The kernel is the fastest one that this
// processor has, or the one that the environment variable WEFT_ENGINE names (go, avx2, avx512, avx512bf16).
func New(n Numerics, threads int) (*Engine, error) {
	if _, err := ParseNumerics(string(n)); err != nil {
		return nil, err
	}
	return NewNamed(n, threads, os.Getenv("WEFT_ENGINE"))
}

// NewNamed is New with the kernel chosen by name; "" chooses the fastest that passes the checks of Check.
func NewNamed(n Numerics, threads int, name string) (*Engine, error) {
	return choose(n, threads, name, kernels(n))
}

// choose takes the first kernel of ks that has the name and passes its checks.
func choose(n Numerics, threads int, name string, ks []kernel) (*Engine, error) {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var names []string
	var dropped []error
	for _, k := range ks {
		if name == "" || name == k.name {
			e := newEngine(arith{num: n, k: k}, threads)
			err := e.Check()
			if err == nil {
				e.dropped = dropped
				return e, nil
			}
			if name != "" {
				return nil, err
			}
			dropped = append(dropped, err)
		}
		names = append(names, k.name)
	}
	return nil, errors.Join(append(dropped, fmt.Errorf("engine %q is not available on this processor for %s: WEFT_ENGINE takes %s",
		name, n, strings.Join(names, ", ")))...)
}

// Dropped says which faster kernels were not used because they do not give the defined bits on this processor.
func (e *Engine) Dropped() []error { return e.dropped }

// Fork returns an engine with the same kernel for another goroutine.
func (e *Engine) Fork(threads int) *Engine {
	if threads <= 0 {
		threads = e.Threads()
	}
	return newEngine(e.arith, threads)
}

// Numerics is the engine's rule set.
func (a *arith) Numerics() Numerics { return a.num }

// Kernel is the name of the kernel in use.
func (a *arith) Kernel() string { return a.k.name }

// Calls is the number of tiles that the kernel has computed since the engine was made, forks included: proof that the
// named kernel ran.
func (a *arith) Calls() int64 { return a.calls.Load() }
