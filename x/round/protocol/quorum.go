package protocol

import "math/bits"

// Quorum says whether weight is at least two thirds of a total above zero:
// total > 0 and 3*weight >= 2*total, for any values. It is sound while less
// than a third of the weight is dishonest.
func Quorum(weight, total uint64) bool {
	if total == 0 {
		return false
	}
	wHigh, wLow := bits.Mul64(weight, 3)
	tHigh, tLow := bits.Mul64(total, 2)
	if wHigh != tHigh {
		return wHigh > tHigh
	}
	return wLow >= tLow
}

// mulAtMost says whether a*b <= limit, for any values.
func mulAtMost(a, b, limit uint64) bool {
	high, low := bits.Mul64(a, b)
	return high == 0 && low <= limit
}
