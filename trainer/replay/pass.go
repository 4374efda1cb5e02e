package replay

import (
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// Pass is the working memory of one goroutine's passes over a base, on whatever engine: training, replay, evaluation and
// benchmarks ask no more of one. llm.Work is the CPU's; an engine on another device is another implementation, with the same
// bits (docs/numerics.md).
type Pass interface {
	// Grad adds to grad (laid out as ad.Params) the gradient of the batch's loss, summed over its answer tokens; of obj,
	// summed over its sequences, when that is not nil. The losses are valid until the next call.
	Grad(grad []float32, ad *lora.Adapter, obj llm.Objective, batch []llm.Sequence) (llm.Loss, error)
	// Use applies an adapter, with the parameters it has now, to the following calls of Losses; nil is the bare base.
	Use(ad *lora.Adapter)
	// Losses are those of a batch, one for each answer token, valid until the next call.
	Losses(batch []llm.Sequence) (llm.Loss, error)
	// Run calls task(0) to task(n-1), perhaps in parallel, and returns when all are done: what the host computes beside.
	Run(n int, task func(i int))
}

var _ Pass = (*llm.Work)(nil)
