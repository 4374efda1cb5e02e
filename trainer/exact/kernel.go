package exact

// tileFunc continues C[rows][nr] (row stride ldc) over k units: of the strided rows a, word (i,u) at a[i*row+u*unit], and
// of the panel b[u][nr]; load = 0 starts from +0.
type tileFunc func(k int, a *uint32, row, unit int, b *uint32, c *float32, ldc, load int)

// kernel is one implementation of the matrix product's tile and of the row operations.
type kernel struct {
	name   string
	mr, nr int         // rows and columns of the largest tile
	pairs  bool        // under bf16 rules the tile takes pairs of bfloat16; otherwise they are widened to float32 first
	tiles  []tileFunc  // by rows - 1; nil: the definition in plain Go
	rows   *rowKernels // nil: the definitions in plain Go
}

// rowKernels are the row operations in assembly for one rule set. n is a multiple of sixteen and not 0. Where nothing else
// is said, pointers are to [n] elements, which are operands where the type is *uint32, and l is [lanes].
type rowKernels struct {
	round    func(dst *uint32, src *float32, n int)
	scale    func(dst *uint32, src *float32, n int, s float32)
	scale2   func(dst *uint32, src *float32, n int, s, t float32)
	norm     func(dst *uint32, x, w *float32, n int, s float32)
	fetch    func(dst *float32, src *uint32, n int)
	dsoftmax func(dst, prob *uint32, dp *float32, n int, s float32)
	swiglu   func(a, gate, up *uint32, n int)
	dswiglu  func(dg, du, gate, up *uint32, da *float32, n int)
	dot      func(a, b *uint32, n int, l *float32)
	finite   func(x *uint32, n int) int
	across   func(dst, a, b *uint32, count, dstStep, srcStep int) // dst units [count][16], a and b operands [count][16]; steps are words

	expandRow   func(dst, src *uint32, n int)            // dst [2n], src units [n]
	expandPanel func(dst, src *uint32, count, width int) // sixteen columns of dst [2·count][width] and src [count][width]

	add      func(dst, a, b *float32, n int)
	normF    func(dst, x, w *float32, n int, s float32)
	mul      func(dst, src *float32, n int, s float32)
	rotate   func(y0, y1, a, b, c, s *float32, n int)
	dnorm    func(dx, dy, w, x, dres *float32, n int, r, negc float32)
	sumsq    func(x *float32, n int, l *float32)
	dotnorm  func(dy, w, x *float32, n int, l *float32)
	expsum   func(e, s *float32, n int, m float32, l *float32)
	maxlanes func(x *float32, n int, l *float32)
	infinite func(x *float32, n int) int
}

// tile computes a tile with the kernel; or by the definition. x is words [rows][k] with the strides row and unit, b is
// [k][nr], c is [rows][nr] with rows ldc apart.
func (a *arith) tile(rows, k int, x []uint32, row, unit int, b []uint32, c []float32, ldc int, load bool) {
	if a.k.tiles == nil {
		a.tileGo(rows, k, x, row, unit, b, c, ldc, load)
		return
	}
	l := 0
	if load {
		l = 1
	}
	_, _ = x[(rows-1)*row+(k-1)*unit], c[(rows-1)*ldc+a.k.nr-1]
	a.k.tiles[rows-1](k, &x[0], row, unit, &b[:k*a.k.nr][0], &c[0], ldc, l)
}
