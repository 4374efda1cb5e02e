package trainer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
)

// whole does a slot's work without interruption.
func (f *fixture) whole(t *testing.T, j *Job, keep *States) *Slot {
	t.Helper()
	out, err := RunSlot(t.Context(), f.model.NewWork(1), j, keep, mem.New(), never, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// interrupted does a slot's work up to the given step and is cancelled there.
func (f *fixture) interrupted(t *testing.T, j *Job, keep *States, at uint32) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := RunSlot(ctx, f.model.NewWork(1), j, keep, mem.New(), never, func(step uint32, _ StepRecord) {
		if step == at {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestInterruptedSlotGivesTheSameCommitment(t *testing.T) {
	f := newFixture(t)
	want := f.whole(t, f.job(t, 1), openStates(t)).Commit
	for at := uint32(1); at < f.spec.InnerSteps; at++ {
		keep, j := openStates(t), f.job(t, 1)
		f.interrupted(t, j, keep, at)
		var steps []uint32
		out, err := RunSlot(t.Context(), f.model.NewWork(1), j, keep, mem.New(), never, func(s uint32, _ StepRecord) { steps = append(steps, s) })
		if err != nil {
			t.Fatal(err)
		}
		if first := at/f.spec.Segment*f.spec.Segment + 1; steps[0] != first {
			t.Errorf("interrupted after step %d, the work went on at step %d, want %d", at, steps[0], first)
		}
		if out.Commit != want || len(out.Losses) != int(f.spec.InnerSteps) {
			t.Errorf("interrupted after step %d: %+v, want %+v", at, out.Commit, want)
		}
	}
	// A slot that was done, but whose commitment did not arrive, is done again from its last segment.
	keep, j := openStates(t), f.job(t, 1)
	for range 2 {
		if f.whole(t, j, keep).Commit != want {
			t.Error("done again, the work differs")
		}
	}
}

// A slot that ended for want of time, exactly at the end of a segment or within one, is as good as any other to go on from.
func TestShortSlotIsTakenUpAgain(t *testing.T) {
	f := newFixture(t)
	f.spec.InnerSteps, f.spec.Segment = 6, 2
	want := f.whole(t, f.job(t, 0), openStates(t)).Commit
	for at := uint32(1); at < 6; at++ {
		keep, j := openStates(t), f.job(t, 0)
		short := f.short(t, j, keep, at)
		if short.Commit.Steps != at {
			t.Fatalf("%d steps, want %d", short.Commit.Steps, at)
		}
		first := uint32(0)
		out, err := RunSlot(t.Context(), f.model.NewWork(1), j, keep, mem.New(), never, func(s uint32, _ StepRecord) {
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
func (f *fixture) short(t *testing.T, j *Job, keep *States, at uint32) *Slot {
	t.Helper()
	var done uint32
	deadline := func() time.Time {
		if done >= at {
			return time.Now()
		}
		return never()
	}
	out, err := RunSlot(t.Context(), f.model.NewWork(1), j, keep, mem.New(), deadline, func(s uint32, _ StepRecord) { done = s })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDamagedStatesAreNotUsed(t *testing.T) {
	f := newFixture(t)
	want := f.whole(t, f.job(t, 2), openStates(t)).Commit
	for _, file := range []string{"0.state", "1.state", "2.state", "trace.json"} {
		for _, damage := range []func(b []byte) []byte{
			func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			func(b []byte) []byte { return b[:len(b)/2] },
			func([]byte) []byte { return nil },
		} {
			keep, j := openStates(t), f.job(t, 2)
			f.interrupted(t, j, keep, 4)
			path := filepath.Join(keep.slot(j), file)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := f.whole(t, j, keep); out.Commit != want {
				t.Errorf("%s damaged: %+v, want %+v", file, out.Commit, want)
			}
		}
	}
	// States of another checkpoint are none at all.
	keep, j := openStates(t), f.job(t, 2)
	f.interrupted(t, j, keep, 4)
	other := *j.Start
	other.Digest[0] ^= 1
	j.Start = &other
	if got, err := keep.Load(j, len(j.Start.Adapter.Params)); got != nil || err != nil {
		t.Errorf("states of another checkpoint were taken up: %v", err)
	}
}

func TestEverySegmentReplaysToItsLeaf(t *testing.T) {
	f := newFixture(t)
	keep, j := openStates(t), f.job(t, 1)
	out := f.whole(t, j, keep)
	file, err := delta.Parse(out.File)
	if err != nil {
		t.Fatal(err)
	}
	w, n := f.model.NewWork(1), len(j.Start.Adapter.Params)
	if uint32(len(file.Leaves)) != j.Segments(out.Commit.Steps)+1 || file.Leaves[0] != FirstLeaf(j.Start) {
		t.Fatalf("%d leaves", len(file.Leaves))
	}
	replay := func(i uint32, change func(s State)) digest.Digest {
		s, err := keep.State(j, i, n)
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
		if got := replay(i, func(State) {}); got != file.Leaves[i+1] {
			t.Errorf("segment %d replays to %s, not %s", i, got, file.Leaves[i+1])
		}
		for what, change := range map[string]func(s State){
			"a parameter":   func(s State) { s.Params[7] += 1e-6 },
			"first moment":  func(s State) { s.Moment.M[7] += 1e-3 },
			"second moment": func(s State) { s.Moment.V[7] += 1e-3 },
			"step count":    func(s State) { s.Moment.T++ },
		} {
			if replay(i, change) == file.Leaves[i+1] {
				t.Errorf("segment %d: %s was changed and nobody would notice", i, what)
			}
		}
	}
	if _, err := j.Replay(w, j.Segments(out.Commit.Steps), out.Commit.Steps, State{}); err == nil {
		t.Error("a segment beyond the end was replayed")
	}
}

// spoil changes one bit of every state that the slot's folder holds.
func spoil(t *testing.T, keep *States, j *Job) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(keep.slot(j), "*.state"))
	if err != nil || len(files) == 0 {
		t.Fatal("no states: ", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b[18] ^= 8 // of the first parameter
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFaultyMachineCommitsNothing(t *testing.T) {
	f := newFixture(t)
	keep, j, store := openStates(t), f.job(t, 0), mem.New()
	_, err := RunSlot(t.Context(), f.model.NewWork(1), j, keep, store, never, func(step uint32, _ StepRecord) {
		if step == f.spec.InnerSteps {
			spoil(t, keep, j)
		}
	})
	if !errors.Is(err, ErrFaulty) {
		t.Fatalf("got %v", err)
	}
	for d := range store.List() {
		t.Fatalf("%s is in the store", d)
	}
}

// The work does not depend on threads or on what the memory was used for before.
func TestSlotIsAFunctionOfTheJob(t *testing.T) {
	f := newFixture(t)
	f.spec.Batch = 3
	want := f.whole(t, f.job(t, 1), openStates(t))
	w := f.model.NewWork(2)
	for i := range 2 {
		if _, _, err := Evaluate(t.Context(), w, f.first(t).Adapter, f.eval, seqLen); err != nil {
			t.Fatal(err)
		}
		out, err := RunSlot(t.Context(), w, f.job(t, 1), openStates(t), mem.New(), never, nil)
		if err != nil || !bytes.Equal(out.File, want.File) {
			t.Fatal(fmt.Sprint(i), err)
		}
	}
	if f.whole(t, f.job(t, 2), openStates(t)).Commit.Body == want.Commit.Body {
		t.Fatal("two slots did the same work")
	}
}
