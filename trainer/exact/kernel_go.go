package exact

import (
	"math"
	"unsafe"
)

const goMR, goNR = 4, 16

// goKernel is the definition of the tile in plain Go.
func goKernel(n Numerics) kernel {
	if n == BFloat16 {
		return kernel{name: "go", mr: goMR, nr: goNR, tile: tileGoBF16}
	}
	return kernel{name: "go", mr: goMR, nr: goNR, tile: tileGo}
}

// tileGo continues each element of the tile by one chain of fused multiply-adds in the order of the panels.
func tileGo(k int, a, b *uint32, c *float32, ldc, load int) {
	tileLoop(k, a, b, c, ldc, load, func(a float32, b, acc *[goNR]float32) {
		for j := range acc {
			acc[j] = FMA(a, b[j], acc[j])
		}
	})
}

// tileGoBF16 is tileGo for panels that hold bfloat16 values: their products are exact in float32, so a product and an
// addition give the bits of a fused multiply-add.
func tileGoBF16(k int, a, b *uint32, c *float32, ldc, load int) {
	tileLoop(k, a, b, c, ldc, load, func(a float32, b, acc *[goNR]float32) {
		for j := range acc {
			acc[j] += float32(a * b[j])
		}
	})
}

func tileLoop(k int, a, b *uint32, c *float32, ldc, load int, mac func(a float32, b, acc *[goNR]float32)) {
	as := unsafe.Slice(a, k*goMR)
	bs := unsafe.Slice((*float32)(unsafe.Pointer(b)), k*goNR)
	cs := unsafe.Slice(c, (goMR-1)*ldc+goNR)
	for i := range goMR {
		var acc [goNR]float32
		row := (*[goNR]float32)(cs[i*ldc:])
		if load != 0 {
			acc = *row
		}
		for p := range k {
			// A zero operand adds +0 or -0 to a chain that is never -0 (R1), so it may be skipped.
			if v := as[p*goMR+i]; v != 0 {
				mac(math.Float32frombits(v), (*[goNR]float32)(bs[p*goNR:]), &acc)
			}
		}
		*row = acc
	}
}
