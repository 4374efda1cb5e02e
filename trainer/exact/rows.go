package exact

// Each operation is written once in plain Go (rows_go.go), which is its definition; the kernels in assembly take whole
// steps of sixteen elements, and the definition the rest. Rows are [n]: those that are []uint32 are operands.

// step is how many elements of n the kernels in assembly take.
func (a *arith) step(n int) int {
	if a.k.rows == nil {
		return 0
	}
	return n &^ 15
}

// Round stores src [n] as operands dst [n]: flushed below 2^-40, and under bf16 rules rounded to bfloat16.
func (a *arith) Round(dst []uint32, src []float32) {
	n := a.step(len(src))
	if n > 0 {
		a.k.rows.round(&dst[0], &src[0], n)
	}
	a.roundGo(dst, src, n)
}

// Scale stores src*s, src [n], as operands dst [n].
func (a *arith) Scale(dst []uint32, src []float32, s float32) {
	n := a.step(len(src))
	if n > 0 {
		a.k.rows.scale(&dst[0], &src[0], n, s)
	}
	a.scaleGo(dst, src, s, n)
}

// Scale2 stores (src*s)*t, src [n], as operands dst [n].
func (a *arith) Scale2(dst []uint32, src []float32, s, t float32) {
	n := a.step(len(src))
	if n > 0 {
		a.k.rows.scale2(&dst[0], &src[0], n, s, t)
	}
	a.scale2Go(dst, src, s, t, n)
}

// Fetch reads operands src [n] into dst [n].
func (a *arith) Fetch(dst []float32, src []uint32) {
	n := a.step(len(dst))
	if n > 0 {
		a.k.rows.fetch(&dst[0], &src[0], n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = a.get(src, i)
	}
}

// RMS is r = rsqrt(mean of squares of z(x) + eps) of x [n], with invN = 1/n. Zhang and Sennrich, "Root Mean Square Layer
// Normalization", 2019.
func (a *arith) RMS(x []float32, invN, eps float32) float32 {
	var sum float32
	for lo := 0; lo < len(x); lo += block {
		b := x[lo:min(lo+block, len(x))]
		clear(a.l[:])
		n := a.step(len(b))
		if n > 0 {
			a.k.rows.sumsq(&b[0], n, &a.l[0])
		}
		sumsqGo(b, &a.l, n)
		sum = a.fold(lo, sum)
	}
	return Rsqrt(FMA(sum, invN, eps))
}

// Norm stores (z(x)*r)*w, x and w [n], as operands dst [n]. w must be flushed.
func (a *arith) Norm(dst []uint32, x, w []float32, r float32) {
	n := a.step(len(x))
	if n > 0 {
		a.k.rows.norm(&dst[0], &x[0], &w[0], n, r)
	}
	a.normGo(dst, x, w, r, n)
}

// NormFloats is Norm without rounding, dst, x and w [n]. dst may be x.
func (a *arith) NormFloats(dst, x, w []float32, r float32) {
	n := a.step(len(x))
	if n > 0 {
		a.k.rows.normF(&dst[0], &x[0], &w[0], n, r)
	}
	for i := n; i < len(x); i++ {
		dst[i] = float32(float32(Z(x[i])*r) * w[i])
	}
}

// NormGrad writes dx = dres + the gradient of a norm at x for the output gradient dy, with the norm's weights w; all are
// [n]. dx may be dres.
func (a *arith) NormGrad(dx, dy, w, x, dres []float32, r, invN float32) {
	var s float32
	for lo := 0; lo < len(x); lo += block {
		hi := min(lo+block, len(x))
		clear(a.l[:])
		n := a.step(hi - lo)
		if n > 0 {
			a.k.rows.dotnorm(&dy[lo], &w[lo], &x[lo], n, &a.l[0])
		}
		dotnormGo(dy[lo:hi], w[lo:hi], x[lo:hi], &a.l, n)
		s = a.fold(lo, s)
	}
	c := Z(float32(float32(float32(s*r)*float32(r*r)) * invN))
	n := a.step(len(x))
	if n > 0 {
		a.k.rows.dnorm(&dx[0], &dy[0], &w[0], &x[0], &dres[0], n, r, -c)
	}
	dnormGo(dx[n:], dy[n:], w[n:], x[n:], dres[n:], r, -c)
}

// Dot is the lane-ordered sum of x[i]*y[i] over operands x and y [n].
func (a *arith) Dot(x, y []uint32, n int) float32 {
	var sum float32
	for lo := 0; lo < n; lo += block {
		m := min(block, n-lo)
		p, q := x[a.Units(lo):], y[a.Units(lo):]
		clear(a.l[:])
		v := a.step(m)
		if v > 0 {
			a.k.rows.dot(&p[0], &q[0], v, &a.l[0])
		}
		for i := v; i < m; i++ {
			a.l[i%lanes] = FMA(a.get(p, i), a.get(q, i), a.l[i%lanes])
		}
		sum = a.fold(lo, sum)
	}
	return sum
}

// Max is the largest element of x [n] by selection from -Inf (NaN never wins), plus 0 so that zeros are one value.
func (a *arith) Max(x []float32) float32 {
	for i := range a.l {
		a.l[i] = negInf
	}
	n := a.step(len(x))
	if n > 0 {
		a.k.rows.maxlanes(&x[0], n, &a.l[0])
	}
	m := negInf
	for _, v := range a.l {
		if v > m {
			m = v
		}
	}
	for _, v := range x[n:] {
		if v > m {
			m = v
		}
	}
	return m + 0
}

// ExpSum writes exp(s-m), s [n], to dst [n] and returns the lane-ordered sum. dst may be s.
func (a *arith) ExpSum(dst, s []float32, m float32) float32 {
	var sum float32
	for lo := 0; lo < len(s); lo += block {
		hi := min(lo+block, len(s))
		clear(a.l[:])
		n := a.step(hi - lo)
		if n > 0 {
			a.k.rows.expsum(&dst[lo], &s[lo], n, m, &a.l[0])
		}
		for i := lo + n; i < hi; i++ {
			x := Exp(s[i] - m)
			dst[i] = x
			a.l[(i-lo)%lanes] += x
		}
		sum = a.fold(lo, sum)
	}
	return sum
}

// SoftmaxGrad stores p*(dp-d) as operands dst [n]; p [n] are operands, dp [n] floats.
func (a *arith) SoftmaxGrad(dst, p []uint32, dp []float32, d float32) {
	n := a.step(len(dp))
	if n > 0 {
		a.k.rows.dsoftmax(&dst[0], &p[0], &dp[0], n, d)
	}
	a.dsoftmaxGo(dst, p, dp, d, n)
}

// SwiGLU stores (g*sigmoid(g))*u of operands g and u [n] in dst [n]. Shazeer, "GLU Variants Improve Transformer", 2020.
func (a *arith) SwiGLU(dst, g, u []uint32, n int) {
	v := a.step(n)
	if v > 0 {
		a.k.rows.swiglu(&dst[0], &g[0], &u[0], v)
	}
	a.swigluGo(dst, g, u, v, n)
}

// SwiGLUGrad stores the gradients of SwiGLU with respect to g and u, operands dg and du [n], for the output gradient da [n].
// dg and du may be g and u.
func (a *arith) SwiGLUGrad(dg, du, g, u []uint32, da []float32) {
	n := a.step(len(da))
	if n > 0 {
		a.k.rows.dswiglu(&dg[0], &du[0], &g[0], &u[0], &da[0], n)
	}
	a.dswigluGo(dg, du, g, u, da, n)
}

// Rotate writes y0 = a*c - b*s and y1 = b*c + a*s with one fused rounding each (rotary embedding; with -s its inverse).
// a is x0, b is x1, and all rows are [n]. Su et al., "RoFormer", 2021. y0 and y1 may be x0 and x1.
func (a *arith) Rotate(y0, y1, x0, x1, c, s []float32) {
	n := a.step(len(x0))
	if n > 0 {
		a.k.rows.rotate(&y0[0], &y1[0], &x0[0], &x1[0], &c[0], &s[0], n)
	}
	for i := n; i < len(x0); i++ {
		x, y := x0[i], x1[i]
		y0[i] = FMA(x, c[i], -float32(y*s[i]))
		y1[i] = FMA(y, c[i], float32(x*s[i]))
	}
}

// Add is dst = x + y, elementwise, over dst [n].
func (a *arith) Add(dst, x, y []float32) {
	n := a.step(len(dst))
	if n > 0 {
		a.k.rows.add(&dst[0], &x[0], &y[0], n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = x[i] + y[i]
	}
}

// Mul is dst = src*s, elementwise, over dst [n].
func (a *arith) Mul(dst, src []float32, s float32) {
	n := a.step(len(dst))
	if n > 0 {
		a.k.rows.mul(&dst[0], &src[0], n, s)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = float32(src[i] * s)
	}
}

// Finite reports whether x [n] holds neither infinity nor NaN.
func (a *arith) Finite(x []float32) bool {
	n := a.step(len(x))
	return (n == 0 || a.k.rows.infinite(&x[0], n) == 0) && Finite(x[n:])
}

// FiniteOperands is Finite of operands x [n].
func (a *arith) FiniteOperands(x []uint32, n int) bool {
	v := a.step(n)
	if v > 0 && a.k.rows.finite(&x[0], v) != 0 {
		return false
	}
	for i := v; i < n; i++ {
		if !finite(a.get(x, i)) {
			return false
		}
	}
	return true
}

// fold is the sum after the block that ends with lanes a.l: the first block's sum is not added to anything.
func (a *arith) fold(lo int, sum float32) float32 {
	if lo == 0 {
		return tree(&a.l)
	}
	return sum + tree(&a.l)
}
