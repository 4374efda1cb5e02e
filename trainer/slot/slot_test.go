package slot_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

func TestInterruptedSlotGivesTheSameCommitment(t *testing.T) {
	f := tinyrun.New(t)
	want := f.Whole(t, f.Job(t, 1), tinyrun.Snapshots(t)).Commit
	for at := uint32(1); at < f.Spec.InnerSteps; at++ {
		keep, j := tinyrun.Snapshots(t), f.Job(t, 1)
		f.Interrupted(t, j, keep, at)
		var steps []uint32
		out, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), tinyrun.Never,
			func(s uint32, _ replay.StepRecord) { steps = append(steps, s) })
		if err != nil {
			t.Fatal(err)
		}
		if first := at/f.Spec.Segment*f.Spec.Segment + 1; steps[0] != first {
			t.Errorf("interrupted after step %d, the work went on at step %d, want %d", at, steps[0], first)
		}
		if out.Commit != want || len(out.Losses) != int(f.Spec.InnerSteps) {
			t.Errorf("interrupted after step %d: %+v, want %+v", at, out.Commit, want)
		}
	}
	// A slot that was done, but whose commitment did not arrive, is done again from its last segment.
	keep, j := tinyrun.Snapshots(t), f.Job(t, 1)
	for range 2 {
		if f.Whole(t, j, keep).Commit != want {
			t.Error("done again, the work differs")
		}
	}
}

// A slot that ended for want of time, exactly at the end of a segment or within one, is as good as any other to go on from.
func TestShortSlotIsTakenUpAgain(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.InnerSteps, f.Spec.Segment = 6, 2
	want := f.Whole(t, f.Job(t, 0), tinyrun.Snapshots(t)).Commit
	for at := uint32(1); at < 6; at++ {
		keep, j := tinyrun.Snapshots(t), f.Job(t, 0)
		short := short(t, f, j, keep, at)
		if short.Commit.Steps != at {
			t.Fatalf("%d steps, want %d", short.Commit.Steps, at)
		}
		first := uint32(0)
		out, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), tinyrun.Never, func(s uint32, _ replay.StepRecord) {
			if first == 0 {
				first = s
			}
		})
		if err != nil || out.Commit != want {
			t.Fatalf("after %d steps: %+v, want %+v (%v)", at, out, want, err)
		}
		if at%2 == 1 && first != at || at%2 == 0 && first != at-1 {
			t.Errorf("ended after step %d, it went on at step %d", at, first)
		}
	}
}

// short does a slot's work until its time is over after the given step.
func short(t *testing.T, f *tinyrun.Run, j *replay.Job, keep *slot.Snapshots, at uint32) *slot.Result {
	t.Helper()
	var done uint32
	deadline := func() time.Time {
		if done >= at {
			return time.Now()
		}
		return tinyrun.Never()
	}
	out, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), deadline, func(s uint32, _ replay.StepRecord) { done = s })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDamagedStatesAreNotUsed(t *testing.T) {
	f := tinyrun.New(t)
	want := f.Whole(t, f.Job(t, 2), tinyrun.Snapshots(t)).Commit
	for _, file := range []string{"0.snapshot", "1.snapshot", "2.snapshot", "trace.json"} {
		for _, damage := range []func(b []byte) []byte{
			func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			func(b []byte) []byte { return b[:len(b)/2] },
			func([]byte) []byte { return nil },
		} {
			keep, j := tinyrun.Snapshots(t), f.Job(t, 2)
			f.Interrupted(t, j, keep, 4)
			path := filepath.Join(keep.Folder(j), file)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := f.Whole(t, j, keep); out.Commit != want {
				t.Errorf("%s damaged: %+v, want %+v", file, out.Commit, want)
			}
		}
	}
	// States of another checkpoint are none at all.
	keep, j := tinyrun.Snapshots(t), f.Job(t, 2)
	f.Interrupted(t, j, keep, 4)
	other := *j.Start
	other.Digest[0] ^= 1
	j.Start = &other
	first := uint32(0)
	if _, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), tinyrun.Never, func(s uint32, _ replay.StepRecord) {
		if first == 0 {
			first = s
		}
	}); err != nil || first != 1 {
		t.Errorf("snapshots of another checkpoint were taken up: the work went on at step %d, %v", first, err)
	}
}

func TestEverySegmentReplaysToItsLeaf(t *testing.T) {
	f := tinyrun.New(t)
	keep, j := tinyrun.Snapshots(t), f.Job(t, 1)
	out := f.Whole(t, j, keep)
	file, err := delta.Parse(out.File)
	if err != nil {
		t.Fatal(err)
	}
	w, n := f.Model.NewWork(1), len(j.Start.Adapter.Params)
	if uint32(len(file.Leaves)) != j.Segments(out.Commit.Steps)+1 || file.Leaves[0] != replay.FirstLeaf(j.Start) {
		t.Fatalf("%d leaves", len(file.Leaves))
	}
	leafOf := func(i uint32, change func(s replay.Snapshot)) digest.Digest {
		s, err := keep.Get(j, i, n)
		if err != nil {
			t.Fatal(err)
		}
		change(s)
		leaf, err := j.Replay(w, i, out.Commit.Steps, s)
		if err != nil {
			t.Fatal(err)
		}
		return leaf.Leaf
	}
	for i := range j.Segments(out.Commit.Steps) {
		if got := leafOf(i, func(replay.Snapshot) {}); got != file.Leaves[i+1] {
			t.Errorf("segment %d replays to %s, not %s", i, got, file.Leaves[i+1])
		}
		for what, change := range map[string]func(s replay.Snapshot){
			"a parameter":   func(s replay.Snapshot) { s.Params[7] += 1e-6 },
			"first moment":  func(s replay.Snapshot) { s.Moments.M[7] += 1e-3 },
			"second moment": func(s replay.Snapshot) { s.Moments.V[7] += 1e-3 },
			"step count":    func(s replay.Snapshot) { s.Moments.T++ },
		} {
			if leafOf(i, change) == file.Leaves[i+1] {
				t.Errorf("segment %d: %s was changed and nobody would notice", i, what)
			}
		}
	}
	if _, err := j.Replay(w, j.Segments(out.Commit.Steps), out.Commit.Steps, replay.Snapshot{}); err == nil {
		t.Error("a segment beyond the end was replayed")
	}
}

func TestFaultyMachineCommitsNothing(t *testing.T) {
	f := tinyrun.New(t)
	keep, j, store := tinyrun.Snapshots(t), f.Job(t, 0), mem.New()
	_, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, store, tinyrun.Never, func(step uint32, _ replay.StepRecord) {
		if step == f.Spec.InnerSteps {
			tinyrun.Spoil(t, keep, j)
		}
	})
	if !errors.Is(err, slot.ErrFaulty) {
		t.Fatalf("got %v", err)
	}
	for d := range store.List() {
		t.Fatalf("%s is in the store", d)
	}
}

// The work does not depend on threads or on what the memory was used for before.
func TestSlotIsAFunctionOfTheJob(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Batch = 3
	want := f.Whole(t, f.Job(t, 1), tinyrun.Snapshots(t))
	w := f.Model.NewWork(2)
	for i := range 2 {
		if _, _, err := replay.Evaluate(t.Context(), w, f.First(t).Adapter, f.Eval, tinyrun.SeqLen); err != nil {
			t.Fatal(err)
		}
		out, err := slot.Run(t.Context(), w, f.Job(t, 1), tinyrun.Snapshots(t), mem.New(), tinyrun.Never, nil)
		if err != nil || !bytes.Equal(out.File, want.File) {
			t.Fatal(fmt.Sprint(i), err)
		}
	}
	if f.Whole(t, f.Job(t, 2), tinyrun.Snapshots(t)).Commit.Body == want.Commit.Body {
		t.Fatal("two slots did the same work")
	}
}
