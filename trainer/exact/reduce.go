package exact

import "math"

const (
	lanes = 16
	block = 4096 // elements reduced in lanes before block results are added in order
)

var negInf = float32(math.Inf(-1))

// tree adds sixteen lanes in the fixed order l[i]+=l[i+8], +4, +2, +1 (docs/numerics.md, R3).
func tree(l *[lanes]float32) float32 {
	for w := 8; w >= 1; w /= 2 {
		for i := range w {
			l[i] += l[i+w]
		}
	}
	return l[0]
}
