package protocol

import "crypto/sha256"

// CheckLeaf says whether leaf is record index of a tree of size records with
// the given root: RFC 6962, section 2.1.1, an audit path from the leaf up.
// Leaves are hashed with the prefix 0x00 and inner nodes with 0x01.
func CheckLeaf(root, leaf Digest, index, size uint32, path []Digest) bool {
	if index >= size || len(path) > 32 {
		return false
	}
	hash := sha256.Sum256(append([]byte{0}, leaf[:]...))
	at, last := index, size-1
	for _, sibling := range path {
		if last == 0 {
			return false // the path is longer than the tree is high
		}
		if at&1 == 1 || at == last {
			hash = inner(sibling, hash)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			hash = inner(hash, sibling)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && Digest(hash) == root
}

func inner(left, right Digest) Digest {
	node := append([]byte{1}, left[:]...)
	return sha256.Sum256(append(node, right[:]...))
}
