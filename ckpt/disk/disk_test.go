package disk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/ckpttest"
)

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	open := func(t *testing.T) ckpt.Store {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ckpttest.Run(t, open, open)
}

func TestDamagedBlobIsNamed(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d, err := ckpt.PutBytes(s, []byte("weights"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(d), []byte("weighty"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ckpt.GetBytes(s, d, 100); err == nil || !strings.Contains(err.Error(), d.String()) {
		t.Fatalf("a flipped byte went unnoticed: %v", err)
	}
}

func TestOpenRemovesInterruptedWrites(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, tmpDir, "put-1")
	if err := os.WriteFile(left, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * stale)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Fatal("an interrupted write is still there")
	}
}
