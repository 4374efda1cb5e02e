package types

import (
	"slices"

	"cosmossdk.io/math"
)

// Apportion divides amount in proportion to weights by the largest remainder; of equal remainders the first wins. The parts sum to
// amount. The weights must not all be zero; when amount does not exceed their sum, no part exceeds its weight.
func Apportion(amount math.Int, weights []math.Int) []math.Int {
	total := math.ZeroInt()
	for _, w := range weights {
		total = total.Add(w)
	}
	parts, rest, order := make([]math.Int, len(weights)), make([]math.Int, len(weights)), make([]int, len(weights))
	left := amount
	for i, w := range weights {
		product := amount.Mul(w)
		parts[i], rest[i], order[i] = product.Quo(total), product.Mod(total), i
		left = left.Sub(parts[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].BigInt().Cmp(rest[a].BigInt()) })
	for _, i := range order {
		if !left.IsPositive() {
			break
		}
		parts[i], left = parts[i].AddRaw(1), left.SubRaw(1)
	}
	return parts
}
