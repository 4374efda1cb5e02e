package exact

// The row kernels in assembly, chosen by rule set. They are called only when kernel.vector is set.

func (e *Engine) roundVec(dst, src *float32, n int) {
	if e.num == BFloat16 {
		roundB(dst, src, n)
	} else {
		roundZ(dst, src, n)
	}
}

func (e *Engine) scaleVec(dst, src *float32, n int, s float32) {
	if e.num == BFloat16 {
		scaleB(dst, src, n, s)
	} else {
		scaleZ(dst, src, n, s)
	}
}

func (e *Engine) scale2Vec(dst, src *float32, n int, s, t float32) {
	if e.num == BFloat16 {
		scale2B(dst, src, n, s, t)
	} else {
		scale2Z(dst, src, n, s, t)
	}
}

func (e *Engine) normVec(dst, x, w *float32, n int, s float32) {
	if e.num == BFloat16 {
		normB(dst, x, w, n, s)
	} else {
		normZ(dst, x, w, n, s)
	}
}

func (e *Engine) dsoftmaxVec(dst, p, dp *float32, n int, s float32) {
	if e.num == BFloat16 {
		dsoftmaxB(dst, p, dp, n, s)
	} else {
		dsoftmaxZ(dst, p, dp, n, s)
	}
}

func (e *Engine) swigluVec(a, g, u *float32, n int) {
	if e.num == BFloat16 {
		swigluB(a, g, u, n)
	} else {
		swigluZ(a, g, u, n)
	}
}

func (e *Engine) dswigluVec(dg, du, g, u, da *float32, n int) {
	if e.num == BFloat16 {
		dswigluB(dg, du, g, u, da, n)
	} else {
		dswigluZ(dg, du, g, u, da, n)
	}
}

func (e *Engine) rotateVec(y0, y1, a, b, c, s *float32, n int) { rotate(y0, y1, a, b, c, s, n) }

func (e *Engine) dnormVec(dx, dy, w, x, dres *float32, n int, r, negc float32) {
	dnorm(dx, dy, w, x, dres, n, r, negc)
}

func (e *Engine) sumsqVec(x *float32, n int, l *float32) { sumsq(x, n, l) }

func (e *Engine) dotVec(a, b *float32, n int, l *float32) { dot(a, b, n, l) }

func (e *Engine) dotnormVec(dy, w, x *float32, n int, l *float32) { dotnorm(dy, w, x, n, l) }

func (e *Engine) expsumVec(dst, s *float32, n int, m float32, l *float32) { expsum(dst, s, n, m, l) }

func (e *Engine) finiteVec(x *float32, n int) bool { return nonfinite(x, n) == 0 }
