package replay

import (
	"context"

	"github.com/weftnet/weft/trainer/lora"
)

// Tune takes a job's inner steps in one process, without rounds, and returns the adapter: the loop of slot.Run without
// a chain. tell sees the adapter after every step and may end the loop early by an error.
func Tune(ctx context.Context, w Pass, j *Job, tell func(step uint32, r StepRecord, ad *lora.Adapter) error) (*lora.Adapter, error) {
	ad := j.Start.Adapter.Clone()
	s := First(j.Start)
	grad := make([]float32, len(ad.Params))
	for h := range j.Spec.InnerSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := j.Step(w, ad, s, grad, h)
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
