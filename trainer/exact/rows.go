package exact

// Round writes src's values as operands of products: flushed below 2^-40, and under bf16 rules rounded to bfloat16.
func (e *Engine) Round(dst, src []float32) {
	if e.split(len(src), func(lo, hi int) { e.Round(dst[lo:hi], src[lo:hi]) }) {
		return
	}
	n := e.head(len(src), 8)
	if n > 0 {
		e.roundVec(&dst[0], &src[0], n)
	}
	e.roundGo(dst[n:], src[n:])
}

// Scale writes Round(src*s).
func (e *Engine) Scale(dst, src []float32, s float32) {
	if e.split(len(src), func(lo, hi int) { e.Scale(dst[lo:hi], src[lo:hi], s) }) {
		return
	}
	n := e.head(len(src), 8)
	if n > 0 {
		e.scaleVec(&dst[0], &src[0], n, s)
	}
	e.scaleGo(dst[n:], src[n:], s)
}

// Scale2 writes Round((src*s)*t).
func (e *Engine) Scale2(dst, src []float32, s, t float32) {
	n := e.head(len(src), 8)
	if n > 0 {
		e.scale2Vec(&dst[0], &src[0], n, s, t)
	}
	e.scale2Go(dst[n:], src[n:], s, t)
}

// RMSNorm writes y = Round((z(x)*r)*w) and returns r = rsqrt(mean of squares + eps). w must be flushed.
// Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
func (e *Engine) RMSNorm(y, x, w []float32, invN, eps float32) (r float32) {
	ss := reduceBlocks(len(x), func(lo, hi int, l *[lanes]float32) {
		n := e.head(hi-lo, 16)
		if n > 0 {
			e.sumsqVec(&x[lo], n, &l[0])
		}
		sumsqGo(x[lo+n:hi], l)
	})
	r = Rsqrt(FMA(ss, invN, eps))
	e.ApplyNorm(y, x, w, r)
	return r
}

// ApplyNorm writes y = Round((z(x)*r)*w) for a known r.
func (e *Engine) ApplyNorm(y, x, w []float32, r float32) {
	n := e.head(len(x), 8)
	if n > 0 {
		e.normVec(&y[0], &x[0], &w[0], n, r)
	}
	e.normGo(y[n:], x[n:], w[n:], r)
}

// RMSNormGrad writes dx = dres + the gradient of RMSNorm at x for the output gradient dy. dx may be dres.
func (e *Engine) RMSNormGrad(dx, dy, w, x, dres []float32, r, invN float32) {
	s := reduceBlocks(len(x), func(lo, hi int, l *[lanes]float32) {
		n := e.head(hi-lo, 16)
		if n > 0 {
			e.dotnormVec(&dy[lo], &w[lo], &x[lo], n, &l[0])
		}
		dotnormGo(dy[lo+n:hi], w[lo+n:hi], x[lo+n:hi], l)
	})
	c := Z(float32(float32(float32(s*r)*float32(r*r)) * invN))
	n := e.head(len(x), 8)
	if n > 0 {
		e.dnormVec(&dx[0], &dy[0], &w[0], &x[0], &dres[0], n, r, -c)
	}
	dnormGo(dx[n:], dy[n:], w[n:], x[n:], dres[n:], r, -c)
}

// Dot is the lane-ordered sum of a[i]*b[i].
func (e *Engine) Dot(a, b []float32) float32 {
	return reduceBlocks(len(a), func(lo, hi int, l *[lanes]float32) {
		n := e.head(hi-lo, 16)
		if n > 0 {
			e.dotVec(&a[lo], &b[lo], n, &l[0])
		}
		dotGo(a[lo+n:hi], b[lo+n:hi], l)
	})
}

// Max is the largest element by selection from -Inf (NaN never wins), plus 0 so that zeros are one value.
func Max(x []float32) float32 {
	m := x[0]
	if m != m {
		m = negInf
	}
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m + 0
}

// ExpSum writes exp(s-m) to dst and returns the lane-ordered sum.
func (e *Engine) ExpSum(dst, s []float32, m float32) float32 {
	return reduceBlocks(len(s), func(lo, hi int, l *[lanes]float32) {
		n := e.head(hi-lo, 16)
		if n > 0 {
			e.expsumVec(&dst[lo], &s[lo], n, m, &l[0])
		}
		expsumGo(dst[lo+n:hi], s[lo+n:hi], m, l)
	})
}

// SoftmaxGrad writes Round(p*(dp-d)).
func (e *Engine) SoftmaxGrad(dst, p, dp []float32, d float32) {
	n := e.head(len(p), 8)
	if n > 0 {
		e.dsoftmaxVec(&dst[0], &p[0], &dp[0], n, d)
	}
	e.dsoftmaxGo(dst[n:], p[n:], dp[n:], d)
}

// SwiGLU writes a = Round((g*sigmoid(g))*u). Shazeer, "GLU Variants Improve Transformer", 2020.
func (e *Engine) SwiGLU(a, g, u []float32) {
	if e.split(len(g), func(lo, hi int) { e.SwiGLU(a[lo:hi], g[lo:hi], u[lo:hi]) }) {
		return
	}
	n := e.head(len(g), 8)
	if n > 0 {
		e.swigluVec(&a[0], &g[0], &u[0], n)
	}
	e.swigluGo(a[n:], g[n:], u[n:])
}

// SwiGLUGrad writes the gradients of SwiGLU with respect to g and u for the output gradient da, rounded.
func (e *Engine) SwiGLUGrad(dg, du, g, u, da []float32) {
	if e.split(len(g), func(lo, hi int) { e.SwiGLUGrad(dg[lo:hi], du[lo:hi], g[lo:hi], u[lo:hi], da[lo:hi]) }) {
		return
	}
	n := e.head(len(g), 8)
	if n > 0 {
		e.dswigluVec(&dg[0], &du[0], &g[0], &u[0], &da[0], n)
	}
	e.dswigluGo(dg[n:], du[n:], g[n:], u[n:], da[n:])
}

// Rotate writes y0 = a*c - b*s and y1 = b*c + a*s with one fused rounding each (rotary embedding; with -s its inverse).
// Su et al., "RoFormer", 2021. y0 and y1 may be a and b.
func (e *Engine) Rotate(y0, y1, a, b, c, s []float32) {
	n := e.head(len(a), 8)
	if n > 0 {
		e.rotateVec(&y0[0], &y1[0], &a[0], &b[0], &c[0], &s[0], n)
	}
	rotateGo(y0[n:], y1[n:], a[n:], b[n:], c[n:], s[n:])
}

// Finite reports whether x holds neither infinity nor NaN.
func (e *Engine) Finite(x []float32) bool {
	n := e.head(len(x), 8)
	return (n == 0 || e.finiteVec(&x[0], n)) && Finite(x[n:])
}

// head is the part of n elements that the vector kernels take, in whole steps.
func (e *Engine) head(n, step int) int {
	if !e.k.vector {
		return 0
	}
	return n - n%step
}

// splitAbove is the length beyond which an elementwise operation is divided over the threads; rows are shorter, so a
// row operation inside a parallel task never divides again.
const splitAbove = 1 << 18

// split runs f over parts of [0,n) on the engine's threads and reports true, or does nothing for a short n.
func (e *Engine) split(n int, f func(lo, hi int)) bool {
	if n <= splitAbove || e.threads == 1 {
		return false
	}
	const part = splitAbove / 4
	e.Each((n+part-1)/part, func(i int) { f(i*part, min(n, (i+1)*part)) })
	return true
}
