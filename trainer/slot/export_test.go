package slot

import (
	"os"
	"syscall"
)

// OnDisk makes the snapshots lie on a disk of so many bytes that nothing else is on.
func (s *Snapshots) OnDisk(capacity int64) {
	s.write = func(path string, b []byte) error {
		_, total, err := s.files()
		if err != nil {
			return err
		}
		if old, err := os.Stat(path); err == nil {
			total -= old.Size()
		}
		if total+int64(len(b)) > capacity {
			return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
		}
		return writeSynced(path, b)
	}
}
