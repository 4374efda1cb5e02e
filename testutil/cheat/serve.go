package cheat

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// Silent does as do, but keeps its snapshots where nobody is served from: auditors have to compute them.
func Silent(do slot.Func) slot.Func {
	return func(ctx context.Context, w replay.Pass, j *replay.Job, _ *slot.Snapshots, s ckpt.Store, deadline func() time.Time,
		tell slot.Progress) (_ *slot.Result, err error) {
		dir, err := os.MkdirTemp("", "weft-silent-")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		hidden, err := slot.OpenSnapshots(dir, 0)
		if err != nil {
			return nil, err
		}
		return do(ctx, w, j, hidden, s, deadline, tell)
	}
}

// Selective does as do, and serves the first auditor that asks, once, and nobody after it.
func Selective(h *gossip.Host, do slot.Func) slot.Func {
	return func(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, deadline func() time.Time,
		tell slot.Progress) (*slot.Result, error) {
		var served atomic.Bool
		h.ServeSnapshots(func(run, round uint64, slot, leaf uint32) ([]byte, error) {
			if served.Swap(true) {
				return nil, errors.New("one was served already")
			}
			return keep.Serve(run, round, slot, leaf)
		})
		return do(ctx, w, j, keep, s, deadline, tell)
	}
}
