package replay

import (
	"context"
	"math"

	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// overflowNats is the loss of a token whose sequence overflows (docs/numerics.md, "Evaluation").
const overflowNats = 100

// Evaluate is the mean negative log-likelihood per answer token over a set, in micro-nats: each token's loss is rounded
// to integer micro-nats, so that the sum does not depend on order. An adapter of nil evaluates the bare base.
func Evaluate(ctx context.Context, w Pass, ad *lora.Adapter, set *data.TokenSet, seqLen int) (microNats, tokens uint64, err error) {
	sum := uint64(0)
	w.Use(ad)
	for _, q := range set.Sequences {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		if len(q.IDs) > seqLen {
			q.IDs, q.Loss = q.IDs[:seqLen], q.Loss[:seqLen]
		}
		// One sequence at a time: whether it overflows must not depend on its neighbours.
		l, err := w.Losses([]llm.Sequence{q})
		if err != nil {
			return 0, 0, err
		}
		for _, v := range l.NLL {
			if !l.Finite {
				v = overflowNats
			}
			sum += uint64(max(0, math.RoundToEven(float64(v)*1e6)))
		}
		tokens += uint64(len(l.NLL))
	}
	if tokens == 0 {
		return 0, 0, nil
	}
	return (sum + tokens/2) / tokens, tokens, nil
}
