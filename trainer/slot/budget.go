package slot

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/weftnet/weft/trainer/replay"
)

// keptFile is a snapshot on disk.
type keptFile struct {
	path string
	size int64
	at   time.Time
}

// makeRoom removes the oldest snapshots until need more bytes fit into the budget.
func (s *Snapshots) makeRoom(need int64, slot string) error {
	if s.budget == 0 {
		return nil
	}
	files, total, err := s.files()
	if err != nil {
		return err
	}
	for _, f := range removable(files, slot) {
		if total+need <= s.budget {
			return nil
		}
		if err := os.Remove(f.path); err != nil {
			return err
		}
		total -= f.size
	}
	return nil
}

// removable are the snapshots that may go, the first first. The two newest of the slot at work stay: a restart goes on from
// them, and the check before a commitment replays from one.
func removable(files []keptFile, slot string) (out []keptFile) {
	mine := 0
	for _, f := range files {
		if filepath.Dir(f.path) == slot {
			mine++
		}
	}
	for _, f := range files {
		if filepath.Dir(f.path) == slot {
			if mine <= 2 {
				continue
			}
			mine--
		}
		out = append(out, f)
	}
	return out
}

// Fit runs write. A full disk does not stop the work: the oldest snapshots make room, one after the other, until write
// succeeds, and from then on snapshots take no more than what is left of them. write may be called several times.
func (s *Snapshots) Fit(j *replay.Job, write func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fit(s.Folder(j), write)
}

func (s *Snapshots) fit(slot string, write func() error) error {
	removed := false
	for {
		err := write()
		if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
			if removed && err == nil {
				return s.shrink()
			}
			return err
		}
		files, _, listing := s.files()
		if listing != nil {
			return errors.Join(err, listing)
		}
		old := removable(files, slot)
		if len(old) == 0 {
			return fmt.Errorf("%w, and no snapshot is left that could make room", err)
		}
		if failed := os.Remove(old[0].path); failed != nil {
			return errors.Join(err, failed)
		}
		removed = true
	}
}

// shrink makes what is on disk now the budget.
func (s *Snapshots) shrink() error {
	_, total, err := s.files()
	if err != nil {
		return err
	}
	s.budget, s.shrunk = max(total, 1), true
	return nil
}

// Shrunk says, once, that a full disk lowered the budget, and to how many bytes.
func (s *Snapshots) Shrunk() (budget int64, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, s.shrunk = s.shrunk, false
	return s.budget, now
}

// files lists the snapshots, the oldest first, and the bytes of everything.
func (s *Snapshots) files() (files []keptFile, total int64, err error) {
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		if strings.HasSuffix(path, ".snapshot") {
			files = append(files, keptFile{path, info.Size(), info.ModTime()})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b keptFile) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return cmp.Compare(a.path, b.path)
	})
	return files, total, err
}
