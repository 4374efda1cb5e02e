package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/weftnet/weft/trainer/operror"
)

// LockFile is the name of the file whose lock a worker's process holds; it names the process.
const LockFile = "lock"

// Lock takes a home for this process until release is called, or the process ends however it ends. A home that another
// process has is an error: two workers with one node key answer for each other, and every round is lost for both.
func Lock(dir, what string) (release func() error, err error) {
	path := filepath.Join(dir, LockFile)
	l := flock.New(path, flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return nil, operror.Wrap("lock", path, err)
	}
	if !got {
		return nil, &operror.Error{Op: "use the home", Ref: dir, Err: errors.New("another process uses it" + holder(path)),
			Hint: "stop that process, or name another home with --home; one process serves several runs: weft attest 1 2"}
	}
	if err := os.WriteFile(path, []byte(fmt.Sprintf("process %d: %s\n", os.Getpid(), what)), 0o600); err != nil {
		return nil, errors.Join(operror.Wrap("lock", path, err), l.Unlock())
	}
	return l.Unlock, nil
}

// holder says who has the lock, if its process wrote so.
func holder(path string) string {
	raw, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(raw)); err == nil && text != "" {
		return ", " + text
	}
	return ""
}
