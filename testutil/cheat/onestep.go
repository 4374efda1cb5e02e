package cheat

import (
	"context"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// OneStep does min_steps steps and no more, honestly: many of it try to pull the median of the norms down, to which every
// delta is clipped.
func OneStep(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, _ func() time.Time,
	tell slot.Progress) (*slot.Result, error) {
	deadline := time.Now().Add(time.Hour)
	over := func() time.Time { return deadline }
	return slot.Run(ctx, w, j, keep, s, over, func(step uint32, r replay.StepRecord) {
		if step >= j.Spec.MinSteps {
			deadline = time.Now()
		}
		if tell != nil {
			tell(step, r)
		}
	})
}
