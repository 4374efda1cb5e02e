package ckpt

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// MerkleRoot is the root of RFC 6962's tree over records (section 2.1): leaves are hashed with the prefix 0x00 and inner
// nodes with 0x01, and the left part of n leaves is the largest power of two below n. The root of nothing is the
// digest of no bytes.
func MerkleRoot(records [][]byte) Digest {
	if len(records) == 0 {
		return Sum(nil)
	}
	hs := make([]tlog.Hash, len(records))
	for i, r := range records {
		hs[i] = tlog.RecordHash(r)
	}
	return Digest(merkle(hs))
}

func merkle(hs []tlog.Hash) tlog.Hash {
	if len(hs) == 1 {
		return hs[0]
	}
	k := 1
	for 2*k < len(hs) {
		k *= 2
	}
	return tlog.NodeHash(merkle(hs[:k]), merkle(hs[k:]))
}

// MerkleDigests is MerkleRoot over digests as records.
func MerkleDigests(ds []Digest) Digest {
	rs := make([][]byte, len(ds))
	for i := range ds {
		rs[i] = ds[i][:]
	}
	return MerkleRoot(rs)
}

// MerkleProof is the audit path of record index, from the leaf up (RFC 6962, section 2.1.1): the siblings that lead from
// the record to MerkleDigests' root.
func MerkleProof(ds []Digest, index int) []Digest {
	hs := make([]tlog.Hash, len(ds))
	for i := range ds {
		hs[i] = tlog.RecordHash(ds[i][:])
	}
	var path []Digest
	for len(hs) > 1 {
		k := 1
		for 2*k < len(hs) {
			k *= 2
		}
		if index < k {
			path, hs = append(path, Digest(merkle(hs[k:]))), hs[:k]
		} else {
			path, hs, index = append(path, Digest(merkle(hs[:k]))), hs[k:], index-k
		}
	}
	slices.Reverse(path)
	return path
}
