package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/disk"
)

// States keeps the states of the rounds under way in a folder: <run>/<round>/<slot>/<leaf>.state and trace.json, each
// written, synced and renamed. An auditor's questions and a restart are answered from here.
type States struct{ dir string }

// OpenStates returns the states kept in dir.
func OpenStates(dir string) (*States, error) {
	return &States{dir}, os.MkdirAll(dir, 0o755)
}

// trace is what trace.json holds: the leaves so far and the records of all steps behind them.
type trace struct {
	Start   ckpt.Digest   `json:"start"`
	Leaves  []ckpt.Digest `json:"leaves"`
	Records []StepRecord  `json:"records"`
}

type resumed struct {
	state   State
	steps   uint32
	leaves  []ckpt.Digest
	records []StepRecord
}

func (s *States) slot(j *Job) string {
	return filepath.Join(s.dir, fmt.Sprint(j.Run), fmt.Sprint(j.Round), fmt.Sprint(j.Slot))
}

// Begin starts a slot's folder with its first state.
func (s *States) Begin(j *Job, st State, leaf ckpt.Digest) error {
	if err := os.RemoveAll(s.slot(j)); err != nil {
		return err
	}
	if err := os.MkdirAll(s.slot(j), 0o755); err != nil {
		return err
	}
	return s.Add(j, 0, st, []ckpt.Digest{leaf}, nil)
}

// Add keeps the state of leaf i; the trace is written last, so a crash leaves the one before.
func (s *States) Add(j *Job, i uint32, st State, leaves []ckpt.Digest, records []StepRecord) error {
	if err := writeSynced(filepath.Join(s.slot(j), fmt.Sprintf("%d.state", i)), encodeState(st)); err != nil {
		return err
	}
	b, err := json.Marshal(trace{j.Start.Digest, leaves, records})
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(s.slot(j), "trace.json"), b)
}

// State reads the state of leaf i.
func (s *States) State(j *Job, i uint32, params int) (State, error) {
	b, err := os.ReadFile(filepath.Join(s.slot(j), fmt.Sprintf("%d.state", i)))
	if err != nil {
		return State{}, err
	}
	return decodeState(b, params)
}

// Load returns what an interrupted slot had kept, or nil. A folder of another checkpoint or one that is damaged is as
// good as none: the work is done again.
func (s *States) Load(j *Job, params int) (*resumed, error) {
	b, err := os.ReadFile(filepath.Join(s.slot(j), "trace.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var t trace
	if json.Unmarshal(b, &t) != nil || t.Start != j.Start.Digest {
		return nil, nil
	}
	return s.best(j, &t, params), nil
}

// best is the newest state of a trace up to which every leaf is what the states on disk hash to. A leaf that binds a
// payload does not count: the steps before it are done again.
func (s *States) best(j *Job, t *trace, params int) *resumed {
	var out *resumed
	seg := j.Spec.SegmentLen()
	for i := range uint32(len(t.Leaves)) {
		steps, before := i*seg, uint32(0)
		if i > 0 {
			before = steps - seg
		}
		if steps > uint32(len(t.Records)) || steps >= j.Spec.InnerSteps {
			break
		}
		st, err := s.State(j, i, params)
		if err != nil || Leaf(i, steps, st, t.Records[before:steps], ckpt.Digest{}) != t.Leaves[i] || i == 0 && t.Leaves[0] != FirstLeaf(j.Start) {
			break
		}
		out = &resumed{state: st, steps: steps, leaves: t.Leaves[:i+1], records: t.Records[:steps]}
	}
	return out
}

// Forget removes the states of a round.
func (s *States) Forget(run, round uint64) error {
	return os.RemoveAll(filepath.Join(s.dir, fmt.Sprint(run), fmt.Sprint(round)))
}

func writeSynced(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}
