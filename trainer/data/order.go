package data

import "math/rand/v2"

// Order is a run's fixed order of records: a Fisher-Yates permutation per epoch from a ChaCha8 stream seeded by the run
// and the epoch. Index i of the run is record At(i).
type Order struct {
	run   uint64
	n     uint64
	epoch uint64
	perm  []uint32
}

// NewOrder is the order of a run over a set of n records.
func NewOrder(run uint64, n int) *Order { return &Order{run: run, n: uint64(n)} }

// At returns the record of index i, which counts on over epochs.
func (o *Order) At(i uint64) int {
	if e := i / o.n; o.perm == nil || e != o.epoch {
		o.epoch, o.perm = e, permutation(o.run, e, int(o.n))
	}
	return int(o.perm[i%o.n])
}

func permutation(run, epoch uint64, n int) []uint32 {
	src := rand.NewChaCha8(epochSeed(run, epoch))
	p := make([]uint32, n)
	for i := range p {
		p[i] = uint32(i)
	}
	for i := n - 1; i > 0; i-- {
		j := below(src, uint64(i)+1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// below draws a number in [0,n) without bias: draws beyond the largest multiple of n are thrown away.
func below(src *rand.ChaCha8, n uint64) uint64 {
	limit := -n % n // 2^64 mod n
	for {
		if v := src.Uint64(); v >= limit {
			return v % n
		}
	}
}
