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
	seg := j.Spec.SegmentLen()
	if json.Unmarshal(b, &t) != nil || t.Start != j.Start.Digest || len(t.Leaves) < 1 || len(t.Records) > int(j.Spec.InnerSteps) {
		return nil, nil
	}
	last := uint32(len(t.Leaves) - 1)
	steps := uint32(len(t.Records))
	if steps != last*seg { // it had ended in a short or last segment, whose leaf binds a payload: go back one
		last--
		steps = last * seg
		if last >= uint32(len(t.Leaves)) || steps > uint32(len(t.Records)) {
			return nil, nil
		}
	}
	if steps == j.Spec.InnerSteps { // the last leaf binds the payload and is computed again with it
		last--
		steps = last * seg
	}
	st, err := s.State(j, last, params)
	if err != nil {
		return nil, nil
	}
	recs := t.Records[:steps]
	lo := uint32(0)
	if last > 0 {
		lo = (last - 1) * seg
	}
	if Leaf(last, steps, st, recs[lo:], ckpt.Digest{}) != t.Leaves[last] {
		return nil, nil
	}
	return &resumed{state: st, steps: steps, leaves: t.Leaves[:last+1], records: recs}, nil
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
