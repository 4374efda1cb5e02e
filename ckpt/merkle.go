package ckpt

import "golang.org/x/mod/sumdb/tlog"

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
