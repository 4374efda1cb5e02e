package ckpt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/weftnet/weft/ckpt/digest"
)

// Errors of stores.
var (
	// ErrNotFound is returned when a store does not hold a digest.
	ErrNotFound = errors.New("not in the store")
	// ErrDamaged is returned by GetBytes when the stored bytes are not those of the digest.
	ErrDamaged = errors.New("the stored bytes are damaged")
)

// Store keeps blobs by the digest of their bytes. Implementations are safe for concurrent use, and a crash at any point
// leaves every blob whole or absent. Package ckpttest checks all of this.
type Store interface {
	// Put stores what r yields and returns its digest. Storing a blob again changes nothing.
	Put(r io.Reader) (digest.Digest, error)
	// Get opens a blob. It returns an error that is ErrNotFound when the store lacks it.
	Get(d digest.Digest) (io.ReadCloser, error)
	// Has reports whether the store holds d.
	Has(d digest.Digest) (bool, error)
	// List yields the digests held, sorted.
	List() iter.Seq2[digest.Digest, error]
	// Delete removes d; deleting what is absent is no error.
	Delete(d digest.Digest) error
}

// PutBytes stores b.
func PutBytes(s Store, b []byte) (digest.Digest, error) { return s.Put(bytes.NewReader(b)) }

// GetBytes reads a blob of at most limit bytes and checks its digest.
func GetBytes(s Store, d digest.Digest, limit int64) (b []byte, err error) {
	r, err := s.Get(d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err = io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", d, limit)
	}
	if got := digest.Sum(b); got != d {
		return nil, fmt.Errorf("%s: %w: they hash to %s; delete the file and fetch it again", d, ErrDamaged, got)
	}
	return b, nil
}
