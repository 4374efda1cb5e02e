package trainer

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// A trainer accuses an auditor by a snapshot of its own only when that is the one that it committed to: a disk that damages
// snapshots, or the list of them, costs nobody a deposit.
func TestDamagedSnapshotsAccuseNobody(t *testing.T) {
	f := tinyrun.New(t)
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
			damage(t, filepath.Join(dir, "2.snapshot"), func(b []byte) []byte { b[99] ^= 1; return b })
		},
		"cut": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "2.snapshot"), func(b []byte) []byte { return b[:99] })
		},
		"empty list": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func([]byte) []byte { return nil })
		},
		"no records": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte { return bytes.Replace(b, []byte(`"records"`), []byte(`"r"`), 1) })
		},
		"longer segments": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"segment":`), []byte(`"segment":9`),
					1)
			})
		},
		"segments beyond 32 bits": func(t *testing.T, dir string) {
			damage(t, filepath.Join(dir, "trace.json"), func(b []byte) []byte {
				return regexp.MustCompile(`"segment":\d+`).ReplaceAll(b, []byte(`"segment":2147483648`))
			})
		},
		"gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "2.snapshot")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		x := f.Forge(t, 0, nil, nil)
		w := x.Committed()
		d, err := x.Kept.Digest(x.Job.Run, x.Job.Round, w, 2)
		if err != nil {
			t.Fatal(err)
		}
		w.Audits = []protocol.Audit{{Segment: 1, Auditor: "honest", Verdict: protocol.VerdictOK, Work: protocol.Work("honest", d)}}
		idle := w
		idle.Audits = []protocol.Audit{{Segment: 1, Auditor: "idle", Verdict: protocol.VerdictOK, Work: protocol.Work("honest", d)}}
		change(t, x.Kept.Folder(x.Job))
		tr := &trainer{Worker: worker.New(worker.Config{Log: tinyrun.Quiet}), snapshots: x.Kept}
		s := &protocol.State{Run: protocol.Run{ID: x.Job.Run}}
		r := &protocol.RoundState{Round: protocol.Round{Number: x.Job.Round}}
		if got := tr.idleAuditor(s, r, w); got != "" {
			t.Errorf("%s: an honest auditor is accused", name)
		}
		if got := tr.idleAuditor(s, r, idle); (got == "idle") != (name == "nothing") {
			t.Errorf("%s: the idle auditor: %q", name, got)
		}
		if _, err := x.Serve(2); (err == nil) != (name == "nothing" || name == "a bit" || name == "no records" || name == "longer segments" ||
			name == "segments beyond 32 bits") {
			t.Errorf("%s: serving: %v", name, err)
		}
	}
}
