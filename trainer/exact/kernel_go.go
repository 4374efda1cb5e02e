package exact

import "math"

const goMR, goNR = 4, 16

// goKernel is the definition of the tile in plain Go.
func goKernel() kernel { return kernel{name: "go", mr: goMR, nr: goNR} }

// tileGo continues each element of the tile c [rows][goNR] by one chain of fused multiply-adds in the order of the units
// of x [rows][k] and b [k][goNR]. Products of
// bfloat16 values below 2^128 are exact in float32, so there a product and an addition give the bits of a fused
// multiply-add; a chain with a greater one ends up infinite or NaN, and is computed again.
func (a *arith) tileGo(rows, k int, x []uint32, row, unit int, b []uint32, c []float32, ldc int, load bool) {
	for i := range rows {
		var acc [goNR]float32
		out := (*[goNR]float32)(c[i*ldc:])
		if load {
			acc = *out
		}
		for u := range k {
			// A zero operand adds +0 or -0 to a chain that is never -0 (R1), so it may be skipped.
			w := x[i*row+u*unit]
			if w == 0 {
				continue
			}
			v, bu := math.Float32frombits(w), (*[goNR]uint32)(b[u*goNR:])
			if a.num == BFloat16 {
				for j := range acc {
					acc[j] += float32(v * math.Float32frombits(bu[j]))
				}
				continue
			}
			for j := range acc {
				acc[j] = FMA(v, math.Float32frombits(bu[j]), acc[j])
			}
		}
		if a.num == BFloat16 && !Finite(acc[:]) {
			again(&acc, out, k, x[i*row:], unit, b, load)
		}
		*out = acc
	}
}

// again computes a row of the tile with fused multiply-adds, from x [k] and b [k][goNR]; start is what is continued.
func again(acc, start *[goNR]float32, k int, x []uint32, unit int, b []uint32, load bool) {
	*acc = [goNR]float32{}
	if load {
		*acc = *start
	}
	for u := range k {
		for j := range acc {
			acc[j] = FMA(math.Float32frombits(x[u*unit]), math.Float32frombits(b[u*goNR+j]), acc[j])
		}
	}
}
