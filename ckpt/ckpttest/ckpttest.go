// Package ckpttest is the conformance suite of checkpoint stores.
package ckpttest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// Run checks a store that open returns; reopen (nil: not durable) returns the same store as after a restart.
func Run(t *testing.T, open func(t *testing.T) ckpt.Store, reopen func(t *testing.T) ckpt.Store) {
	s := open(t)
	blobs := [][]byte{{}, []byte("a"), bytes.Repeat([]byte("weft"), 100_000)}
	var ds []digest.Digest
	for _, b := range blobs {
		d, err := ckpt.PutBytes(s, b)
		if err != nil || d != digest.Sum(b) {
			t.Fatalf("Put = %v, %v; want %v", d, err, digest.Sum(b))
		}
		ds = append(ds, d)
	}
	if _, err := ckpt.PutBytes(s, blobs[1]); err != nil {
		t.Fatalf("Put again: %v", err)
	}
	check := func(s ckpt.Store) {
		t.Helper()
		for i, d := range ds {
			got, err := ckpt.GetBytes(s, d, 1<<20)
			if err != nil || !bytes.Equal(got, blobs[i]) {
				t.Fatalf("Get %d: %d bytes, %v", i, len(got), err)
			}
		}
		var listed []digest.Digest
		for d, err := range s.List() {
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, d)
		}
		want := slices.Clone(ds)
		slices.SortFunc(want, func(a, b digest.Digest) int { return bytes.Compare(a[:], b[:]) })
		if !slices.Equal(listed, want) {
			t.Fatalf("List = %v, want %v", listed, want)
		}
	}
	check(s)
	if _, err := ckpt.GetBytes(s, ds[2], 1000); err == nil {
		t.Fatal("a blob beyond the limit was returned")
	}
	if reopen != nil {
		s = reopen(t)
		check(s)
	}
	broken := errors.New("broken pipe")
	if _, err := s.Put(io.MultiReader(bytes.NewReader([]byte("half")), errReader{broken})); !errors.Is(err, broken) {
		t.Fatalf("Put of a failing reader: %v", err)
	}
	check(s)
	absent := digest.Sum([]byte("absent"))
	if _, err := s.Get(absent); !errors.Is(err, ckpt.ErrNotFound) {
		t.Fatalf("Get of an absent blob: %v", err)
	}
	if ok, err := s.Has(absent); ok || err != nil {
		t.Fatalf("Has of an absent blob: %v, %v", ok, err)
	}
	concurrent(t, s)
	if err := s.Delete(ds[1]); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Has(ds[1]); ok || err != nil {
		t.Fatalf("Has after Delete: %v, %v", ok, err)
	}
	if err := s.Delete(absent); err != nil {
		t.Fatalf("Delete of an absent blob: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func concurrent(t *testing.T, s ckpt.Store) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			b := bytes.Repeat([]byte{byte(i / 2)}, 5000)
			d, err := ckpt.PutBytes(s, b)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := ckpt.GetBytes(s, d, 1<<20); err != nil || !bytes.Equal(got, b) {
				t.Errorf("concurrent Get: %v", err)
			}
		})
	}
	wg.Wait()
}
