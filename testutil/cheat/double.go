package cheat

import (
	"context"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// DoubleCommit is the second machine with the key of self: it waits until the first one's commitment is on chain, and
// then commits to other work in the same slot.
func DoubleCommit(c worker.Chain, self protocol.Account) slot.Func {
	return func(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, deadline func() time.Time,
		tell slot.Progress) (*slot.Result, error) {
		out, err := OneStep(ctx, w, j, keep, s, deadline, tell)
		if err != nil {
			return nil, err
		}
		for {
			now, err := c.Sight(ctx, j.Run)
			if err != nil {
				return nil, err
			}
			for _, p := range partsOf(now.State.Find(j.Round)) {
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
