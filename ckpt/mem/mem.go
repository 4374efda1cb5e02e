// Package mem is a checkpoint store in memory, for tests and short-lived tools.
package mem

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// Store is a ckpt.Store in memory. The zero value is not usable; call New.
type Store struct {
	mu sync.RWMutex
	m  map[digest.Digest][]byte
}

// New returns an empty store.
func New() *Store { return &Store{m: map[digest.Digest][]byte{}} }

// Put implements ckpt.Store.
func (s *Store) Put(r io.Reader) (digest.Digest, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return digest.Digest{}, err
	}
	d := digest.Sum(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[d] = b
	return d, nil
}

// Get implements ckpt.Store.
func (s *Store) Get(d digest.Digest) (io.ReadCloser, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.m[d]
	if !ok {
		return nil, fmt.Errorf("%s: %w", d, ckpt.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// Has implements ckpt.Store.
func (s *Store) Has(d digest.Digest) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.m[d]
	return ok, nil
}

// List implements ckpt.Store.
func (s *Store) List() iter.Seq2[digest.Digest, error] {
	s.mu.RLock()
	ds := make([]digest.Digest, 0, len(s.m))
	for d := range s.m {
		ds = append(ds, d)
	}
	s.mu.RUnlock()
	slices.SortFunc(ds, func(a, b digest.Digest) int { return bytes.Compare(a[:], b[:]) })
	return func(yield func(digest.Digest, error) bool) {
		for _, d := range ds {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Delete implements ckpt.Store.
func (s *Store) Delete(d digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, d)
	return nil
}
