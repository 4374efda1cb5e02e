package protocol

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
)

// ownDrawer is the stream from which an attester's audits of a round are drawn.
func ownDrawer(r *Round, v *Vote) *drawer {
	e := newEncoder("weft/audits/1")
	e.uint(r.Run)
	e.uint(r.Number)
	e.digest(r.Entropy)
	e.text(string(v.Attester))
	e.digest(v.Salt)
	return &drawer{seed: e.sum()}
}

// secondDrawer is the stream from which another auditor is drawn for an audit
// that did not come.
func secondDrawer(r *Round, slot uint32, a *Audit) *drawer {
	e := newEncoder("weft/second/1")
	e.uint(r.Run)
	e.uint(r.Number)
	e.digest(r.Entropy)
	e.uint(uint64(slot))
	e.uint(uint64(a.Segment))
	e.text(string(a.Auditor))
	return &drawer{seed: e.sum()}
}

// drawer is a stream of numbers that everybody can repeat.
type drawer struct {
	seed digest.Digest
	n    uint64
}

// next is 64 bits of the stream.
func (d *drawer) next() uint64 {
	d.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(d.seed[:], d.n))
	return binary.BigEndian.Uint64(sum[:8])
}

// below draws a number below n > 0. Taking the remainder of 64 bits favours no
// value by more than n/2^64.
func (d *drawer) below(n uint64) uint64 { return d.next() % n }

// share draws a whole number whose mean is n*part/total. It does not fall when
// total does: who stays away takes nothing from what others audit.
func (d *drawer) share(n, part, total uint64) uint64 {
	hi, lo := bits.Mul64(n, part)
	whole, rest := bits.Div64(hi, lo, total) // part <= total, so hi < total
	if at, _ := bits.Mul64(d.next(), total); at < rest {
		whole++
	}
	return whole
}

// other draws one of n segments that is none of taken, which are fewer.
func (d *drawer) other(n uint32, taken []uint32) uint32 {
	s := uint32(d.below(uint64(n) - uint64(len(taken))))
	slices.Sort(taken)
	for _, t := range taken {
		if t <= s {
			s++
		}
	}
	return s
}
