package slot_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// Snapshots stay within their budget, the oldest make room, the work goes on without them, and what is gone is computed.
func TestSnapshotsStayWithinTheirBudget(t *testing.T) {
	f := tinyrun.New(t)
	want := f.Whole(t, f.Job(t, 1), tinyrun.Snapshots(t)).Commit
	one := int64(replay.SnapshotSize(len(f.First(t).Adapter.Params)))
	dir := t.TempDir()
	keep, err := slot.OpenSnapshots(dir, 3*one+4096)
	if err != nil {
		t.Fatal(err)
	}
	for round := uint64(1); round <= 4; round++ {
		j := f.Job(t, 1)
		j.Round = round
		out := f.Whole(t, j, keep)
		if round == 1 && out.Commit != want {
			t.Errorf("with little room the work is %+v, want %+v", out.Commit, want)
		}
		if total := sizeOf(t, dir); total > 3*one+4096 {
			t.Errorf("round %d: %d bytes on disk", round, total)
		}
		if _, err := os.Stat(filepath.Join(keep.Folder(j), "3.snapshot")); err != nil {
			t.Errorf("round %d: the newest snapshot is gone: %v", round, err)
		}
	}
	if _, err := keep.Serve(1, 1, 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the oldest snapshot is still there: %v", err)
	}
	j := f.Job(t, 1)
	j.Round = 5
	f.Interrupted(t, j, keep, 4)
	first := uint32(0)
	if _, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), tinyrun.Never, func(s uint32, _ replay.StepRecord) {
		if first == 0 {
			first = s
		}
	}); err != nil || first != 5 {
		t.Errorf("an interrupted slot goes on at step %d, %v", first, err)
	}
}

// Snapshots of a settled round are kept for the evidence window and then freed.
func TestSnapshotsAreFreedAfterTheWindow(t *testing.T) {
	f := tinyrun.New(t)
	dir := t.TempDir()
	keep, err := slot.OpenSnapshots(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Whole(t, f.Job(t, 1), keep)
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
		t.Error("snapshots of a round that is not settled were freed")
	}
	if err := errors.Join(keep.Settle(1, 1), keep.Settle(1, 9)); err != nil {
		t.Fatal(err)
	}
	if sweep(time.Hour) != 1 {
		t.Error("freed before the window ended")
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "1", "1", "settled"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := keep.Settle(1, 1); err != nil {
		t.Fatal(err)
	}
	if sweep(time.Hour) != 0 {
		t.Error("not freed after the window ended")
	}
}

// sizeOf is the number of bytes of a folder's files.
func sizeOf(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A full disk does not stop the work: old snapshots make room, the budget follows, and the commitment is the same. A disk
// without room for the slot at work is an error that says so.
func TestFullDisk(t *testing.T) {
	f := tinyrun.New(t)
	want := f.Whole(t, f.Job(t, 1), tinyrun.Snapshots(t)).Commit
	one := int64(replay.SnapshotSize(len(f.First(t).Adapter.Params)))
	dir := t.TempDir()
	keep, err := slot.OpenSnapshots(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	keep.OnDisk(4*one + 8192)
	for round := uint64(1); round <= 3; round++ {
		j := f.Job(t, 1)
		j.Round = round
		if out := f.Whole(t, j, keep); round == 1 && out.Commit != want {
			t.Errorf("on a full disk the work is %+v, want %+v", out.Commit, want)
		}
	}
	budget, now := keep.Shrunk()
	if !now || budget > 4*one+8192 || budget < 2*one {
		t.Errorf("the budget is %d (told %t) on a disk of %d", budget, now, 4*one+8192)
	}
	if _, now := keep.Shrunk(); now {
		t.Error("told twice")
	}
	if got := sizeOf(t, dir); got > 4*one+8192 {
		t.Errorf("%d bytes on disk", got)
	}

	none, err := slot.OpenSnapshots(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	none.OnDisk(one / 2)
	_, err = slot.Run(t.Context(), f.Model.NewWork(1), f.Job(t, 1), none, mem.New(), tinyrun.Never, nil)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a disk without any room: %v", err)
	}
}

// fullStore is a store on a full disk: it takes something as soon as a snapshot is gone.
type fullStore struct {
	ckpt.Store
	dir string
	had int
}

func (s *fullStore) Put(r io.Reader) (digest.Digest, error) {
	if n := snapshotsIn(s.dir); n >= s.had {
		return digest.Digest{}, &fs.PathError{Op: "write", Path: "blob", Err: syscall.ENOSPC}
	}
	return s.Store.Put(r)
}

func snapshotsIn(dir string) (n int) {
	names, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*", "*.snapshot"))
	return len(names)
}

// The body of finished work is worth more than an old snapshot.
func TestFullDiskTakesTheBody(t *testing.T) {
	f := tinyrun.New(t)
	dir := t.TempDir()
	keep, err := slot.OpenSnapshots(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Whole(t, f.Job(t, 1), keep)
	had := snapshotsIn(dir)
	j := f.Job(t, 1)
	j.Round = 2
	if _, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, &fullStore{mem.New(), dir, 2 * had}, tinyrun.Never, nil); err != nil {
		t.Error(err)
	}
	if got := snapshotsIn(dir); got != 2*had-1 {
		t.Errorf("%d snapshots are left of %d", got, 2*had)
	}
}
