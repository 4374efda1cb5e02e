package cheat

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/llm"
)

// Silent does as do, but keeps its states where nobody is served from: auditors have to compute them.
func Silent(do trainer.SlotFunc) trainer.SlotFunc {
	return func(ctx context.Context, w *llm.Work, j *trainer.Job, _ *trainer.States, s ckpt.Store, deadline func() time.Time, tell trainer.Progress) (_ *trainer.Slot, err error) {
		dir, err := os.MkdirTemp("", "weft-silent-")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		hidden, err := trainer.OpenStates(dir, 0)
		if err != nil {
			return nil, err
		}
		return do(ctx, w, j, hidden, s, deadline, tell)
	}
}

// Selective does as do, and serves the first auditor that asks, once, and nobody after it.
func Selective(h *gossip.Host, do trainer.SlotFunc) trainer.SlotFunc {
	return func(ctx context.Context, w *llm.Work, j *trainer.Job, keep *trainer.States, s ckpt.Store, deadline func() time.Time, tell trainer.Progress) (*trainer.Slot, error) {
		var served atomic.Bool
		h.ServeStates(func(run, round uint64, slot, leaf uint32) ([]byte, error) {
			if served.Swap(true) {
				return nil, errors.New("one was served already")
			}
			return keep.Serve(run, round, slot, leaf)
		})
		return do(ctx, w, j, keep, s, deadline, tell)
	}
}
