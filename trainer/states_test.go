package trainer

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/weftnet/weft/x/round/protocol"
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

// A trainer accuses an auditor by a state of its own only when that is the one that it committed to: a disk that damages
// states, or the list of them, costs nobody a deposit.
func TestDamagedStatesAccuseNobody(t *testing.T) {
	f := newFixture(t)
	damage := func(t *testing.T, path string, change func([]byte) []byte) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err := errors.Join(err, os.WriteFile(path, change(b), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(*testing.T, string){
		"nothing": func(*testing.T, string) {},
		"a bit": func(t *testing.T, dir string) {
			damage(t, stateFile(dir, 2), func(b []byte) []byte { b[99] ^= 1; return b })
		},
		"cut": func(t *testing.T, dir string) { damage(t, stateFile(dir, 2), func(b []byte) []byte { return b[:99] }) },
		"empty list": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func([]byte) []byte { return nil })
		},
		"no records": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte { return bytes.Replace(b, []byte(`"records"`), []byte(`"r"`), 1) })
		},
		"longer segments": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte { return bytes.Replace(b, []byte(`"segment":`), []byte(`"segment":9`), 1) })
		},
		"segments beyond 32 bits": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte {
				return regexp.MustCompile(`"segment":\d+`).ReplaceAll(b, []byte(`"segment":2147483648`))
			})
		},
		"gone": func(t *testing.T, dir string) {
			if err := os.Remove(stateFile(dir, 2)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		x := f.forge(t, 0, nil, nil)
		w := x.committed()
		d, err := x.states.Digest(x.job.Run, x.job.Round, w, 2)
		if err != nil {
			t.Fatal(err)
		}
		w.Audits = []protocol.Audit{{Segment: 1, Auditor: "honest", Verdict: protocol.VerdictOK, Work: protocol.Work("honest", d)}}
		idle := w
		idle.Audits = []protocol.Audit{{Segment: 1, Auditor: "idle", Verdict: protocol.VerdictOK, Work: protocol.Work("honest", d)}}
		change(t, x.states.slot(x.job))
		tr := &Trainer{Config: Config{Log: slog.New(slog.DiscardHandler)}, States: x.states}
		s := &protocol.State{Run: protocol.Run{ID: x.job.Run}}
		r := &protocol.RoundState{Round: protocol.Round{Number: x.job.Round}}
		if got := tr.idleAuditor(s, r, w); got != "" {
			t.Errorf("%s: an honest auditor is accused", name)
		}
		if got := tr.idleAuditor(s, r, idle); (got == "idle") != (name == "nothing") {
			t.Errorf("%s: the idle auditor: %q", name, got)
		}
		if _, err := x.serve(2); (err == nil) != (name == "nothing" || name == "a bit" || name == "no records" || name == "longer segments" || name == "segments beyond 32 bits") {
			t.Errorf("%s: serving: %v", name, err)
		}
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
