package cheat

import (
	"context"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
)

// OneStep does min_steps steps and no more, honestly: many of it try to pull the median of the norms down, to which every
// delta is clipped.
func OneStep(ctx context.Context, w *llm.Work, j *trainer.Job, keep *trainer.States, s ckpt.Store, _ func() time.Time, tell trainer.Progress) (*trainer.Slot, error) {
	deadline := time.Now().Add(time.Hour)
	over := func() time.Time { return deadline }
	return trainer.RunSlot(ctx, w, j, keep, s, over, func(step uint32, r trainer.StepRecord) {
		if step >= j.Spec.MinSteps {
			deadline = time.Now()
		}
		if tell != nil {
			tell(step, r)
		}
	})
}
