package exact

// The row kernels in plain Go: the definitions, and the tails of the vector versions. Each works on len(dst) elements.

func (e *Engine) rnd(x float32) float32 {
	if e.num == BFloat16 {
		return BF16(x)
	}
	return Z(x)
}

func (e *Engine) roundGo(dst, src []float32) {
	for i, v := range src {
		dst[i] = e.rnd(v)
	}
}

func (e *Engine) scaleGo(dst, src []float32, s float32) {
	for i, v := range src {
		dst[i] = e.rnd(float32(v * s))
	}
}

func (e *Engine) scale2Go(dst, src []float32, s, t float32) {
	for i, v := range src {
		dst[i] = e.rnd(float32(float32(v*s) * t))
	}
}

func (e *Engine) normGo(dst, x, w []float32, s float32) {
	for i, v := range x {
		dst[i] = e.rnd(float32(float32(Z(v)*s) * w[i]))
	}
}

func (e *Engine) dsoftmaxGo(dst, prob, dp []float32, s float32) {
	for i, p := range prob {
		dst[i] = e.rnd(float32(p * (dp[i] - s)))
	}
}

func (e *Engine) swigluGo(a, g, u []float32) {
	for i, v := range g {
		a[i] = e.rnd(float32(float32(v*Sigmoid(v)) * u[i]))
	}
}

func (e *Engine) dswigluGo(dg, du, g, u, da []float32) {
	for i, v := range g {
		sg := Sigmoid(v)
		d, w := da[i], u[i]
		du[i] = e.rnd(float32(d * float32(v*sg)))
		dg[i] = e.rnd(float32(float32(d*w) * float32(sg*FMA(v, 1-sg, 1))))
	}
}

func rotateGo(y0, y1, a, b, c, s []float32) {
	for i := range a {
		x, y := a[i], b[i]
		y0[i] = FMA(x, c[i], -float32(y*s[i]))
		y1[i] = FMA(y, c[i], float32(x*s[i]))
	}
}

func dnormGo(dx, dy, w, x, dres []float32, r, negc float32) {
	for i := range dx {
		g := Z(float32(Z(dy[i]) * w[i]))
		dx[i] = FMA(g, r, FMA(negc, Z(x[i]), dres[i]))
	}
}

func sumsqGo(x []float32, l *[lanes]float32) {
	for i, v := range x {
		v = Z(v)
		l[i%lanes] = FMA(v, v, l[i%lanes])
	}
}

func dotGo(a, b []float32, l *[lanes]float32) {
	for i, v := range a {
		l[i%lanes] = FMA(v, b[i], l[i%lanes])
	}
}

func dotnormGo(dy, w, x []float32, l *[lanes]float32) {
	for i, v := range dy {
		g := Z(float32(Z(v) * w[i]))
		l[i%lanes] = FMA(g, Z(x[i]), l[i%lanes])
	}
}

func expsumGo(e, s []float32, m float32, l *[lanes]float32) {
	for i, v := range s {
		x := Exp(v - m)
		e[i] = x
		l[i%lanes] += x
	}
}
