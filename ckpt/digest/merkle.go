package digest

import (
	"crypto/sha256"
	"slices"
)

// The trees are those of RFC 6962, section 2.1: leaves are hashed with the prefix 0x00 and inner nodes with 0x01, and the
// left part of n leaves is the largest power of two below n.

func hashLeaf(record []byte) Digest { return sha256.Sum256(append([]byte{0}, record...)) }

func hashNode(left, right Digest) Digest {
	node := append([]byte{1}, left[:]...)
	return sha256.Sum256(append(node, right[:]...))
}

// MerkleRoot is the root of the tree over records. The root of nothing is the digest of no bytes.
func MerkleRoot(records [][]byte) Digest {
	if len(records) == 0 {
		return Sum(nil)
	}
	leaves := make([]Digest, len(records))
	for i, r := range records {
		leaves[i] = hashLeaf(r)
	}
	return root(leaves)
}

// MerkleDigests is MerkleRoot over digests as records.
func MerkleDigests(ds []Digest) Digest {
	if len(ds) == 0 {
		return Sum(nil)
	}
	return root(leavesOf(ds))
}

// leavesOf hashes the records ds to leaves, one for each.
func leavesOf(ds []Digest) []Digest {
	leaves := make([]Digest, len(ds))
	for i := range ds {
		leaves[i] = hashLeaf(ds[i][:])
	}
	return leaves
}

func root(leaves []Digest) Digest {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	return hashNode(root(leaves[:k]), root(leaves[k:]))
}

// split is the largest power of two below n > 1.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

// MerkleProof is the audit path of record index, from the leaf up (section 2.1.1): the siblings that lead from the record to
// MerkleDigests' root.
func MerkleProof(ds []Digest, index int) []Digest {
	leaves := leavesOf(ds)
	var path []Digest
	for len(leaves) > 1 {
		k := split(len(leaves))
		if index < k {
			path, leaves = append(path, root(leaves[k:])), leaves[:k]
		} else {
			path, leaves, index = append(path, root(leaves[:k])), leaves[k:], index-k
		}
	}
	slices.Reverse(path)
	return path
}

// CheckProof says whether record is number index of a tree of size records with the given root.
func CheckProof(root, record Digest, index, size uint32, path []Digest) bool {
	if index >= size || len(path) > 32 {
		return false
	}
	hash := hashLeaf(record[:])
	at, last := index, size-1
	for _, sibling := range path {
		if last == 0 {
			return false // the path is longer than the tree is high
		}
		if at&1 == 1 || at == last {
			hash = hashNode(sibling, hash)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			hash = hashNode(hash, sibling)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && hash == root
}
