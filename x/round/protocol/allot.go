package protocol

import (
	"cmp"
	"math/bits"
	"slices"
)

// Allot divides total in proportion to the weights by the largest remainder:
// the results are integers, their sum is total, and each is within one unit
// of its exact share. Ties go to the lower index. Weights must sum to less
// than 2^64; if they sum to zero, every result is zero.
func Allot(total uint64, weights []uint64) []uint64 {
	sum := uint64(0)
	for _, w := range weights {
		sum += w
	}
	out := make([]uint64, len(weights))
	if sum == 0 {
		return out
	}
	rest := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, w := range weights {
		// high < sum, because w <= sum and total < 2^64: the division is defined.
		high, low := bits.Mul64(total, w)
		out[i], rest[i] = bits.Div64(high, low, sum)
		left -= out[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}
