package status

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// File is the name of a home's status file.
const File = "status.json"

// writeEvery is the shortest pause between two writings of the file, but for what people wait for.
const writeEvery = time.Second

// Board keeps the status of every run that a process serves, and writes it to a file for other commands to show. It is safe
// for concurrent use.
type Board struct {
	path, role string

	mu      sync.Mutex
	runs    map[uint64]*Status
	written time.Time
}

// NewBoard returns a board for a role, written to path.
func NewBoard(path, role string) *Board {
	return &Board{path: path, role: role, runs: map[uint64]*Status{}}
}

// Apply adds an event.
func (b *Board) Apply(e Placed) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	run := e.Place().Run
	if b.runs[run] == nil {
		b.runs[run] = &Status{Role: b.role}
	}
	now := time.Now()
	b.runs[run].Apply(now, e)
	if _, step := e.(*Step); step && now.Sub(b.written) < writeEvery {
		return nil
	}
	b.written = now
	return b.write()
}

// write puts the file in place whole.
func (b *Board) write() error {
	var list []*Status
	for _, s := range b.runs {
		list = append(list, s)
	}
	slices.SortFunc(list, func(x, y *Status) int { return int(int64(x.Run) - int64(y.Run)) })
	raw, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(b.path), ".status-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), b.path)
}

// Read reads the status of a run from a home's file; nil when there is none.
func Read(path string, run uint64) (*Status, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []*Status
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Run == run {
			return s, nil
		}
	}
	return nil, nil
}
