package exact

const (
	lanes = 16
	block = 4096 // elements reduced in lanes before block results are added in order
)

// tree adds sixteen lanes in the fixed order l[i]+=l[i+8], +4, +2, +1 (docs/numerics.md, R3).
func tree(l *[lanes]float32) float32 {
	for w := 8; w >= 1; w /= 2 {
		for i := range w {
			l[i] += l[i+w]
		}
	}
	return l[0]
}

// reduceBlocks applies f to blocks of at most 4096 indices [lo,hi) and adds the block results in ascending order.
func reduceBlocks(n int, f func(lo, hi int, l *[lanes]float32)) float32 {
	var sum float32
	for lo := 0; lo < n; lo += block {
		var l [lanes]float32
		f(lo, min(lo+block, n), &l)
		s := tree(&l)
		if lo == 0 {
			sum = s
		} else {
			sum += s
		}
	}
	return sum
}
