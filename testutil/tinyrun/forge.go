package tinyrun

import (
	"testing"

	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// Forgery is a slot whose trainer changed something at the end of one segment and went on from there, as if it had nothing to
// hide: it commits to what it has, and serves it.
type Forgery struct {
	Job  *replay.Job
	Slot *slot.Result
	Kept *slot.Snapshots
}

// Forge does the work of slot 1 with a change of the snapshot after segment at (nil: none); payload, if given, replaces the
// encoded delta.
func (f *Run) Forge(t testing.TB, at uint32, change func(replay.Snapshot), payload func([]byte) []byte) *Forgery {
	t.Helper()
	x := &Forgery{Job: f.Job(t, 1), Kept: Snapshots(t)}
	var err error
	if x.Slot, err = cheat.Forging(at, change, payload)(t.Context(), f.Model.NewWork(1), x.Job, x.Kept, mem.New(), Never, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

// Trail is what everybody may know of the work.
func (x *Forgery) Trail(t testing.TB) *replay.Trail {
	t.Helper()
	tr, err := replay.NewTrail(x.Job, x.Slot.Commit, x.Slot.File)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Committed is the slot as the chain has it.
func (x *Forgery) Committed() protocol.SlotWork {
	return protocol.SlotWork{Index: x.Job.Slot, Commit: x.Slot.Commit}
}

// Serve is what the trainer answers an auditor.
func (x *Forgery) Serve(leaf uint32) (*replay.Served, error) {
	b, err := x.Kept.Serve(x.Job.Run, x.Job.Round, x.Job.Slot, leaf)
	if err != nil {
		return nil, err
	}
	return replay.DecodeServed(b, len(x.Job.Start.Adapter.Params))
}
