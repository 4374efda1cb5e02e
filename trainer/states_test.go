package trainer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// States stay within their budget, the oldest make room, the work goes on without them, and what is gone is computed.
func TestStatesStayWithinTheirBudget(t *testing.T) {
	f := newFixture(t)
	want := f.whole(t, f.job(t, 1), openStates(t)).Commit
	one := int64(16 + 12*len(f.first(t).Adapter.Params))
	keep, err := OpenStates(filepath.Join(t.TempDir(), "states"), 3*one+4096)
	if err != nil {
		t.Fatal(err)
	}
	for round := uint64(1); round <= 4; round++ {
		j := f.job(t, 1)
		j.Round = round
		out := f.whole(t, j, keep)
		if round == 1 && out.Commit != want {
			t.Errorf("with little room the work is %+v, want %+v", out.Commit, want)
		}
		_, total, err := keep.files()
		if err != nil || total > 3*one+4096 {
			t.Errorf("round %d: %d bytes on disk, %v", round, total, err)
		}
		spare := keep.slot(j)
		if _, err := os.Stat(stateFile(spare, 3)); err != nil {
			t.Errorf("round %d: the newest state is gone: %v", round, err)
		}
	}
	if _, err := keep.Serve(1, 1, 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the oldest state is still there: %v", err)
	}
	j := f.job(t, 1)
	j.Round = 5
	f.interrupted(t, j, keep, 4)
	if got, err := keep.Load(j, len(j.Start.Adapter.Params)); err != nil || got == nil || got.steps != 4 {
		t.Errorf("an interrupted slot goes on from %+v, %v", got, err)
	}
}

// States of a settled round are kept for the evidence window and then freed.
func TestStatesAreFreedAfterTheWindow(t *testing.T) {
	f := newFixture(t)
	keep, j := openStates(t), f.job(t, 1)
	f.whole(t, j, keep)
	sweep := func(window time.Duration) int {
		if err := keep.Sweep(1, window); err != nil {
			t.Fatal(err)
		}
		rounds, err := keep.Rounds(1)
		if err != nil {
			t.Fatal(err)
		}
		return len(rounds)
	}
	if sweep(0) != 1 {
		t.Error("states of a round that is not settled were freed")
	}
	if err := errors.Join(keep.Settle(1, 1), keep.Settle(1, 9)); err != nil {
		t.Fatal(err)
	}
	if sweep(time.Hour) != 1 {
		t.Error("freed before the window ended")
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(keep.round(1, 1), "settled"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := keep.Settle(1, 1); err != nil {
		t.Fatal(err)
	}
	if sweep(time.Hour) != 0 {
		t.Error("not freed after the window ended")
	}
}
