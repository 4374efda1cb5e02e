package trainer

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// keptFile is a state on disk.
type keptFile struct {
	path string
	size int64
	at   time.Time
}

// makeRoom removes the oldest states until need more bytes fit into the budget. The two newest of the slot at work stay:
// a restart goes on from them, and the check before a commitment replays from one.
func (s *States) makeRoom(need int64, slot string) error {
	if s.budget == 0 {
		return nil
	}
	files, total, err := s.files()
	if err != nil {
		return err
	}
	mine := 0
	for _, f := range files {
		if filepath.Dir(f.path) == slot {
			mine++
		}
	}
	for _, f := range files {
		if total+need <= s.budget {
			return nil
		}
		if filepath.Dir(f.path) == slot {
			if mine <= 2 {
				continue
			}
			mine--
		}
		if err := os.Remove(f.path); err != nil {
			return err
		}
		total -= f.size
	}
	return nil
}

// files lists the states, the oldest first, and the bytes of everything.
func (s *States) files() (files []keptFile, total int64, err error) {
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		if strings.HasSuffix(path, ".state") {
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
