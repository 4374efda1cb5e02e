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

// Copy waits for the first commitment of another account in the round and commits to the same body and trace, which it
// need not even have: the other one's publication serves both.
func Copy(c worker.Chain, self protocol.Account) slot.Func {
	return func(ctx context.Context, _ replay.Pass, j *replay.Job, _ *slot.Snapshots, _ ckpt.Store, _ func() time.Time,
		_ slot.Progress) (*slot.Result, error) {
		for {
			s, err := c.Sight(ctx, j.Run)
			if err != nil {
				return nil, err
			}
			if commit, found := another(s.State.Find(j.Round), self); found {
				return &slot.Result{Commit: commit}, nil
			}
			if err := pause(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// another is a commitment of somebody else.
func another(r *protocol.RoundState, self protocol.Account) (protocol.Commit, bool) {
	for i := range partsOf(r) {
		for _, w := range r.Parts[i].Slots {
			if r.Parts[i].Trainer != self && w.Committed() {
				return w.Commit, true
			}
		}
	}
	return protocol.Commit{}, false
}

func partsOf(r *protocol.RoundState) []protocol.Part {
	if r == nil {
		return nil
	}
	return r.Parts
}

// pause waits a moment before the chain is read again.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}
