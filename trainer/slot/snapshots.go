package slot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/x/round/protocol"
)

// Snapshots keeps the snapshots of rounds in a folder: <run>/<round>/<slot>/<leaf>.snapshot and trace.json, each written, synced
// and renamed. A restart and auditors' questions are answered from here. With a budget, the oldest snapshots make room for
// new ones: whoever is not given a snapshot computes it.
type Snapshots struct {
	dir    string
	budget int64 // bytes; 0: none
	shrunk bool  // a full disk lowered it since Shrunk was asked last
	write  func(path string, b []byte) error
	mu     sync.Mutex
}

// OpenSnapshots returns the snapshots kept in dir, which take at most budget bytes beyond the two newest of a slot; 0 means no
// bound.
func OpenSnapshots(dir string, budget int64) (*Snapshots, error) {
	return &Snapshots{dir: dir, budget: budget, write: writeSynced}, os.MkdirAll(dir, 0o755)
}

// trace is what trace.json holds: the leaves so far, and what they bind beside the snapshots.
type trace struct {
	Start   digest.Digest       `json:"start"`
	Segment uint32              `json:"segment"` // steps of a segment
	Params  int                 `json:"params"`
	Leaves  []digest.Digest     `json:"leaves"`
	Records []replay.StepRecord `json:"records"` // of all steps behind them
	Payload digest.Digest       `json:"payload"` // bound by the last leaf; zero until the work is done
}

// records are those that a leaf binds.
func (t *trace) records(leaf uint32) []replay.StepRecord {
	if leaf == 0 {
		return nil
	}
	n := uint64(len(t.Records)) // fewer than the leaves say when the file is damaged
	return t.Records[min(uint64(leaf-1)*uint64(t.Segment), n):min(uint64(leaf)*uint64(t.Segment), n)]
}

type resumed struct {
	snapshot replay.Snapshot
	steps    uint32
	leaves   []digest.Digest
	records  []replay.StepRecord
}

func (s *Snapshots) round(run, round uint64) string {
	return filepath.Join(s.dir, fmt.Sprint(run), fmt.Sprint(round))
}

// Folder is where a slot's snapshots are.
func (s *Snapshots) Folder(j *replay.Job) string {
	return filepath.Join(s.round(j.Run, j.Round), fmt.Sprint(j.Slot))
}

func snapshotFile(slot string, leaf uint32) string {
	return filepath.Join(slot, fmt.Sprintf("%d.snapshot", leaf))
}

// Begin starts a slot's folder with its first snapshot.
func (s *Snapshots) Begin(j *replay.Job, x replay.Snapshot, leaf digest.Digest) error {
	if err := os.RemoveAll(s.Folder(j)); err != nil {
		return err
	}
	if err := os.MkdirAll(s.Folder(j), 0o755); err != nil {
		return err
	}
	return s.Add(j, 0, x, []digest.Digest{leaf}, nil, digest.Digest{})
}

// Add keeps the snapshot of leaf i; the trace is written last, so a crash leaves the one before. payload is the digest that
// the last leaf binds.
func (s *Snapshots) Add(j *replay.Job, i uint32, x replay.Snapshot, leaves []digest.Digest, records []replay.StepRecord,
	payload digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeRoom(int64(replay.SnapshotSize(len(x.Params))), s.Folder(j)); err != nil {
		return err
	}
	b, err := json.Marshal(trace{j.Start.Digest, j.Spec.SegmentLen(), len(x.Params), leaves, records, payload})
	if err != nil {
		return err
	}
	return s.fit(s.Folder(j), func() error {
		if err := s.write(snapshotFile(s.Folder(j), i), x.Encode()); err != nil {
			return err
		}
		return s.write(filepath.Join(s.Folder(j), "trace.json"), b)
	})
}

// Has says whether the snapshot of leaf i is kept.
func (s *Snapshots) Has(j *replay.Job, i uint32) bool {
	_, err := os.Stat(snapshotFile(s.Folder(j), i))
	return err == nil
}

// Get reads the snapshot of leaf i; fs.ErrNotExist when it had to make room.
func (s *Snapshots) Get(j *replay.Job, i uint32, params int) (replay.Snapshot, error) {
	b, err := os.ReadFile(snapshotFile(s.Folder(j), i))
	if err != nil {
		return replay.Snapshot{}, err
	}
	return replay.DecodeSnapshot(b, params)
}

// Load returns what an interrupted slot had kept, or nil. A folder of another checkpoint or one that is damaged is as
// good as none: the work is done again.
func (s *Snapshots) Load(j *replay.Job, params int) (*resumed, error) {
	t, err := s.trace(s.Folder(j))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if t.Start != j.Start.Digest || t.Segment != j.Spec.SegmentLen() || t.Params != params {
		return nil, nil
	}
	return s.best(j, t, params)
}

func (s *Snapshots) trace(slot string) (*trace, error) {
	b, err := os.ReadFile(filepath.Join(slot, "trace.json"))
	if err != nil {
		return nil, err
	}
	t := &trace{}
	return t, json.Unmarshal(b, t)
}

// best is the newest snapshot of a trace that is what its leaf says, with the records that lead to it. Snapshots that are not
// are removed: nobody must be served one, nor the work be checked from it. A leaf that binds a payload does not count: the
// steps before it are done again.
func (s *Snapshots) best(j *replay.Job, t *trace, params int) (out *resumed, err error) {
	if len(t.Leaves) == 0 || t.Leaves[0] != replay.FirstLeaf(j.Start) {
		return nil, nil
	}
	for leaf := range uint32(len(t.Leaves)) {
		steps := leaf * t.Segment
		if steps > uint32(len(t.Records)) || steps >= j.Spec.InnerSteps {
			break
		}
		st, err := s.Get(j, leaf, params)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it had to make room
		}
		if err != nil || replay.Leaf(leaf, steps, st, t.records(leaf), digest.Digest{}) != t.Leaves[leaf] {
			if err := os.Remove(snapshotFile(s.Folder(j), leaf)); err != nil {
				return nil, err
			}
			continue
		}
		out = &resumed{snapshot: st, steps: steps, leaves: t.Leaves[:leaf+1], records: t.Records[:steps]}
	}
	return out, nil
}

// Serve is a snapshot as auditors get it. An error says that it is not here any more.
func (s *Snapshots) Serve(run, round uint64, slot, leaf uint32) ([]byte, error) {
	out, _, err := s.served(run, round, slot, leaf)
	if err != nil {
		return nil, err
	}
	return out.Encode(), nil
}

func (s *Snapshots) served(run, round uint64, slot, leaf uint32) (*replay.Served, *trace, error) {
	dir := filepath.Join(s.round(run, round), fmt.Sprint(slot))
	t, err := s.trace(dir)
	if err != nil {
		return nil, nil, err
	}
	if int(leaf) >= len(t.Leaves) || t.Payload.IsZero() {
		return nil, nil, fmt.Errorf("leaf %d of a trace of %d, done: %t", leaf, len(t.Leaves), !t.Payload.IsZero())
	}
	b, err := os.ReadFile(snapshotFile(dir, leaf))
	if err != nil {
		return nil, nil, err
	}
	out := &replay.Served{Records: t.records(leaf), Path: digest.MerkleProof(t.Leaves, int(leaf))}
	if out.Snapshot, err = replay.DecodeSnapshot(b, t.Params); err != nil {
		return nil, nil, err
	}
	if int(leaf) == len(t.Leaves)-1 {
		out.Payload = t.Payload
	}
	return out, t, nil
}

// Digest is the sha256 of the snapshot at a leaf of a committed slot. A snapshot that is not what was committed to, since the
// disk damaged it, is an error: nobody may be accused by it.
func (s *Snapshots) Digest(run, round uint64, w protocol.SlotWork, leaf uint32) (digest.Digest, error) {
	got, t, err := s.served(run, round, w.Index, leaf)
	if err != nil {
		return digest.Digest{}, err
	}
	steps := min(leaf*t.Segment, w.Commit.Steps)
	return got.Snapshot.Digest(), got.Check(w.Commit.Trace, leaf, uint32(len(t.Leaves)), steps)
}

// Settle marks a round as over, and Sweep removes those that were marked longer ago than keep.
func (s *Snapshots) Settle(run, round uint64) error {
	mark := filepath.Join(s.round(run, round), "settled")
	if _, err := os.Stat(s.round(run, round)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeSynced(mark, nil)
}

// Sweep removes the rounds of a run that were settled longer than keep ago.
func (s *Snapshots) Sweep(run uint64, keep time.Duration) error {
	rounds, err := s.Rounds(run)
	if err != nil {
		return err
	}
	for _, n := range rounds {
		mark, err := os.Stat(filepath.Join(s.round(run, n), "settled"))
		if errors.Is(err, fs.ErrNotExist) || err == nil && time.Since(mark.ModTime()) < keep {
			continue
		}
		if err := errors.Join(err, os.RemoveAll(s.round(run, n))); err != nil {
			return err
		}
	}
	return nil
}

// Rounds lists the rounds of a run of which something is kept.
func (s *Snapshots) Rounds(run uint64) ([]uint64, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, fmt.Sprint(run)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []uint64
	for _, e := range entries {
		if n, err := strconv.ParseUint(e.Name(), 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out, err
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
