// Package disk is a checkpoint store in a folder: a blob sha256-<hex> is the file <hex[:2]>/<hex>. A blob is written to
// a temporary file, synced and renamed, so that it is whole or absent whatever happens.
package disk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

const tmpDir = "tmp"

// Store is a ckpt.Store in a folder.
type Store struct{ dir string }

// stale is the age from which a temporary file is what an interrupted Put left; a younger one may belong to another
// process that has the store open.
const stale = time.Hour

// Open returns the store in dir, creating it if need be, and removes what an interrupted Put left.
func Open(dir string) (*Store, error) {
	tmp := filepath.Join(dir, tmpDir)
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	for _, e := range left {
		if i, err := e.Info(); err == nil && time.Since(i.ModTime()) > stale {
			if err := os.Remove(filepath.Join(tmp, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("store: %w", err)
			}
		}
	}
	return &Store{dir: dir}, nil
}

func (s *Store) path(d digest.Digest) string {
	h := hex.EncodeToString(d[:])
	return filepath.Join(s.dir, h[:2], h)
}

// Put implements ckpt.Store.
func (s *Store) Put(r io.Reader) (_ digest.Digest, err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, tmpDir), "put-*")
	if err != nil {
		return digest.Digest{}, fmt.Errorf("store: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("store: %w", err), os.Remove(f.Name()))
		}
	}()
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return digest.Digest{}, err
	}
	d := digest.Digest(h.Sum(nil))
	return d, s.publish(f.Name(), s.path(d))
}

// publish renames a synced file into place and syncs the folder, so that the name survives a crash too.
func (s *Store) publish(tmp, path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return SyncDir(dir)
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get implements ckpt.Store.
func (s *Store) Get(d digest.Digest) (io.ReadCloser, error) {
	f, err := os.Open(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", d, ckpt.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return f, nil
}

// Has implements ckpt.Store.
func (s *Store) Has(d digest.Digest) (bool, error) {
	_, err := os.Stat(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// List implements ckpt.Store. Files that are not blobs are passed over.
func (s *Store) List() iter.Seq2[digest.Digest, error] {
	return func(yield func(digest.Digest, error) bool) {
		err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			var d digest.Digest
			if b, err := hex.DecodeString(e.Name()); err != nil || e.IsDir() || len(b) != len(d) {
				return nil
			} else {
				copy(d[:], b)
			}
			if !yield(d, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(digest.Digest{}, fmt.Errorf("store: %w", err))
		}
	}
}

// Delete implements ckpt.Store.
func (s *Store) Delete(d digest.Digest) error {
	if err := os.Remove(s.path(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
