package digest_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/weftnet/weft/ckpt/digest"
)

// FuzzParse checks that Parse is the strict inverse of String, and that JSON's reading agrees with it.
func FuzzParse(f *testing.F) {
	good := digest.Sum(nil).String()
	for _, s := range []string{
		good, "", "sha256-", strings.ToUpper(good), good + "0", " " + good, "sha512-" + good[7:], good[:70] + "g", "md5-00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := digest.Parse(s)
		if err == nil && d.String() != s {
			t.Fatalf("%q was accepted as %s", s, d)
		}
		if err != nil && !d.IsZero() {
			t.Fatalf("%q gives an error and the digest %s", s, d)
		}
		var again digest.Digest
		if (again.UnmarshalText([]byte(s)) == nil) != (err == nil) || again != d {
			t.Fatalf("UnmarshalText(%q) differs", s)
		}
	})
}

// TestMerkleReferee compares roots and proofs with golang.org/x/mod/sumdb/tlog, which Go's checksum database uses.
func TestMerkleReferee(t *testing.T) {
	for size := 1; size <= 40; size++ {
		ds, hashes := records(size), []tlog.Hash{}
		read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
			for _, i := range at {
				out = append(out, hashes[i])
			}
			return out, nil
		})
		for i, d := range ds {
			h, err := tlog.StoredHashes(int64(i), d[:], read)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, h...)
		}
		want, err := tlog.TreeHash(int64(size), read)
		if err != nil {
			t.Fatal(err)
		}
		if got := digest.MerkleDigests(ds); got != digest.Digest(want) {
			t.Fatalf("root of %d records is %s, tlog has %s", size, got, digest.Digest(want))
		}
		for i := range ds {
			proof, err := tlog.ProveRecord(int64(size), int64(i), read)
			if err != nil {
				t.Fatal(err)
			}
			got := digest.MerkleProof(ds, i)
			if len(got) != len(proof) {
				t.Fatalf("proof of record %d of %d has %d digests, tlog's %d", i, size, len(got), len(proof))
			}
			for j := range got {
				if got[j] != digest.Digest(proof[j]) {
					t.Fatalf("proof of record %d of %d differs at %d", i, size, j)
				}
			}
		}
	}
	if digest.MerkleDigests(nil) != digest.Sum(nil) || digest.MerkleRoot(nil) != digest.Sum(nil) {
		t.Fatal("the root of nothing is not the digest of no bytes")
	}
}

// TestCheckProof: every record of every small tree has its proof, and no other record, place, size or path passes.
func TestCheckProof(t *testing.T) {
	for size := 1; size <= 40; size++ {
		ds := records(size)
		root := digest.MerkleDigests(ds)
		for i, d := range ds {
			path := digest.MerkleProof(ds, i)
			ok := func(root, d digest.Digest, index, size int, path []digest.Digest) bool {
				return digest.CheckProof(root, d, uint32(index), uint32(size), path)
			}
			if !ok(root, d, i, size, path) {
				t.Fatalf("record %d of %d does not pass", i, size)
			}
			for j := range size {
				if j != i && (ok(root, d, j, size, path) || ok(root, ds[j], i, size, path)) {
					t.Fatalf("record %d of %d passes as %d", i, size, j)
				}
			}
			if ok(root, d, i, i, path) || ok(root, digest.Sum(nil), i, size, path) || ok(root, d, i, size, append(path, root)) ||
				len(path) > 0 && ok(root, d, i, size, path[1:]) {
				t.Fatalf("a wrong proof of record %d of %d passes", i, size)
			}
		}
	}
	if digest.CheckProof(digest.Digest{}, digest.Digest{}, 0, 0, nil) ||
		digest.CheckProof(digest.Digest{}, digest.Digest{}, 0, math.MaxUint32, make([]digest.Digest, 64)) {
		t.Fatal("an empty tree passes")
	}
}

func records(n int) (ds []digest.Digest) {
	for i := range n {
		ds = append(ds, digest.Sum([]byte(fmt.Sprint("record ", i))))
	}
	return ds
}
