package llm

import (
	"time"

	"github.com/weftnet/weft/trainer/exact"
)

// operation is a parallel region of a pass, for the record of where the time goes.
type operation int

const (
	opPrepare operation = iota
	opAttnIn
	opAttention
	opMLP
	opHead
	opMLPBack
	opAttentionBack
	opAttnBack
	opFactors
	operations
)

var operationNames = [operations]string{"adapter layout", "q, k, v", "attention", "o, mlp", "head and loss",
	"o, mlp backward", "attention backward", "q, k, v backward", "factor gradients"}

// OpTime is the time that an operation took, summed over the layers and passes since ResetTimes.
type OpTime struct {
	Name  string
	Total time.Duration
}

// Times are the wall-clock times of the operations.
func (w *Work) Times() []OpTime {
	ts := make([]OpTime, operations)
	for i, d := range w.times {
		ts[i] = OpTime{operationNames[i], d}
	}
	return ts
}

// ResetTimes starts the record anew.
func (w *Work) ResetTimes() { w.times = [operations]time.Duration{} }

// region runs a parallel region and records its time.
func (w *Work) region(op operation, n int, task func(i int, t *exact.Thread)) {
	start := time.Now()
	w.e.Run(n, task)
	w.times[op] += time.Since(start)
}
