//go:build !amd64

package exact

// No row kernels in assembly exist here, and kernel.vector is never set.

func (e *Engine) roundVec(dst, src *float32, n int) { panic(noVector) }

func (e *Engine) scaleVec(dst, src *float32, n int, s float32) { panic(noVector) }

func (e *Engine) scale2Vec(dst, src *float32, n int, s, t float32) { panic(noVector) }

func (e *Engine) normVec(dst, x, w *float32, n int, s float32) { panic(noVector) }

func (e *Engine) dsoftmaxVec(dst, p, dp *float32, n int, s float32) { panic(noVector) }

func (e *Engine) swigluVec(a, g, u *float32, n int) { panic(noVector) }

func (e *Engine) dswigluVec(dg, du, g, u, da *float32, n int) { panic(noVector) }

func (e *Engine) rotateVec(y0, y1, a, b, c, s *float32, n int) { panic(noVector) }

func (e *Engine) dnormVec(dx, dy, w, x, dres *float32, n int, r, negc float32) { panic(noVector) }

func (e *Engine) sumsqVec(x *float32, n int, l *float32) { panic(noVector) }

func (e *Engine) dotVec(a, b *float32, n int, l *float32) { panic(noVector) }

func (e *Engine) dotnormVec(dy, w, x *float32, n int, l *float32) { panic(noVector) }

func (e *Engine) expsumVec(dst, s *float32, n int, m float32, l *float32) { panic(noVector) }

func (e *Engine) finiteVec(x *float32, n int) bool { panic(noVector) }

const noVector = "exact: no vector kernels on this architecture"
