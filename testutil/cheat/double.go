package cheat

import (
	"context"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

// DoubleCommit is the second machine with the key of self: it waits until the first one's commitment is on chain, and
// then commits to other work in the same slot.
func DoubleCommit(c trainer.Chain, self protocol.Account) trainer.SlotFunc {
	return func(ctx context.Context, w *llm.Work, j *trainer.Job, keep *trainer.States, s ckpt.Store, deadline func() time.Time, tell trainer.Progress) (*trainer.Slot, error) {
		out, err := OneStep(ctx, w, j, keep, s, deadline, tell)
		if err != nil {
			return nil, err
		}
		for {
			st, _, err := c.State(ctx, j.Run)
			if err != nil {
				return nil, err
			}
			for _, p := range partsOf(st.Find(j.Round)) {
				if p.Trainer == self && p.Slot(j.Slot) != nil && p.Slot(j.Slot).Committed() {
					return out, nil
				}
			}
			if err := pause(ctx); err != nil {
				return nil, err
			}
		}
	}
}
