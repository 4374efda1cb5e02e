package trainer

import (
	"context"

	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
)

// Tune takes a job's inner steps in one process, without rounds, and returns the adapter: the loop of RunSlot without a
// chain. tell sees the adapter after every step and may end the loop early by an error.
func Tune(ctx context.Context, w *llm.Work, j *Job, tell func(step uint32, r StepRecord, ad *lora.Adapter) error) (*lora.Adapter, error) {
	ad := j.Start.Adapter.Clone()
	s := State{Params: append([]float32{}, ad.Params...), Moment: optim.NewState(len(ad.Params))}
	grad := make([]float32, len(ad.Params))
	for h := range j.Spec.InnerSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := j.step(w, ad, s, grad, h)
		if err != nil {
			return nil, err
		}
		copy(ad.Params, s.Params)
		if err := tell(h+1, r, ad); err != nil {
			return nil, err
		}
	}
	return ad, nil
}
