package exact

import "math"

// The row operations in plain Go: the definitions. Those that store operands take elements [lo,…) of the whole row. Every
// row is [n], of operands where it is []uint32, as in the method of arith that each defines.

// get is operand i of a row.
func (a *arith) get(w []uint32, i int) float32 {
	if a.num == F32 {
		return math.Float32frombits(w[i])
	}
	return math.Float32frombits(w[i/2] >> (16 * (i % 2)) << 16)
}

// put stores operand i of a row: the even half of a pair is written before the odd one, and clears it.
func (a *arith) put(w []uint32, i int, v float32) {
	if a.num == F32 {
		w[i] = math.Float32bits(Z(v))
		return
	}
	b := math.Float32bits(BF16(v)) >> 16
	if i%2 == 0 {
		w[i/2] = b
	} else {
		w[i/2] |= b << 16
	}
}

// Put replaces operand i of a row by v, rounded.
func (a *arith) Put(w []uint32, i int, v float32) {
	if a.num == F32 {
		a.put(w, i, v)
		return
	}
	sh := 16 * (i % 2)
	w[i/2] = w[i/2]&^(0xffff<<sh) | math.Float32bits(BF16(v))>>16<<sh
}

func (a *arith) roundGo(dst []uint32, src []float32, lo int) {
	for i := lo; i < len(src); i++ {
		a.put(dst, i, src[i])
	}
}

func (a *arith) scaleGo(dst []uint32, src []float32, s float32, lo int) {
	for i := lo; i < len(src); i++ {
		a.put(dst, i, float32(src[i]*s))
	}
}

func (a *arith) scale2Go(dst []uint32, src []float32, s, t float32, lo int) {
	for i := lo; i < len(src); i++ {
		a.put(dst, i, float32(float32(src[i]*s)*t))
	}
}

func (a *arith) normGo(dst []uint32, x, w []float32, r float32, lo int) {
	for i := lo; i < len(x); i++ {
		a.put(dst, i, float32(float32(Z(x[i])*r)*w[i]))
	}
}

func (a *arith) dsoftmaxGo(dst, p []uint32, dp []float32, d float32, lo int) {
	for i := lo; i < len(dp); i++ {
		a.put(dst, i, float32(a.get(p, i)*(dp[i]-d)))
	}
}

func (a *arith) swigluGo(dst, g, u []uint32, lo, n int) {
	for i := lo; i < n; i++ {
		v := a.get(g, i)
		a.put(dst, i, float32(float32(v*Sigmoid(v))*a.get(u, i)))
	}
}

func (a *arith) dswigluGo(dg, du, g, u []uint32, da []float32, lo int) {
	for i := lo; i < len(da); i += 2 { // in pairs, since dg and du may be g and u
		n := min(2, len(da)-i)
		var x, y [2]float32
		for j := range n {
			v, w, d := a.get(g, i+j), a.get(u, i+j), da[i+j]
			sg := Sigmoid(v)
			y[j] = float32(d * float32(v*sg))
			x[j] = float32(float32(d*w) * float32(sg*FMA(v, 1-sg, 1)))
		}
		for j := range n {
			a.put(dg, i+j, x[j])
			a.put(du, i+j, y[j])
		}
	}
}

func dnormGo(dx, dy, w, x, dres []float32, r, negc float32) {
	for i := range dx {
		g := Z(float32(Z(dy[i]) * w[i]))
		dx[i] = FMA(g, r, FMA(negc, Z(x[i]), dres[i]))
	}
}

func sumsqGo(x []float32, l *[lanes]float32, lo int) {
	for i := lo; i < len(x); i++ {
		v := Z(x[i])
		l[i%lanes] = FMA(v, v, l[i%lanes])
	}
}

func dotnormGo(dy, w, x []float32, l *[lanes]float32, lo int) {
	for i := lo; i < len(x); i++ {
		g := Z(float32(Z(dy[i]) * w[i]))
		l[i%lanes] = FMA(g, Z(x[i]), l[i%lanes])
	}
}
