package llm

import (
	"time"

	"github.com/weftnet/weft/trainer/exact"
)

// A layer's forward pass is three regions: attnIn (row-wise: norm, projections, rotation), attention, and mlp (row-wise:
// the rest). Within a row-wise task everything between two stored activations stays in the thread's working memory.

// embed reads the token embeddings into the residual stream x [rows][hidden].
func (w *Work) embed(x []float32) {
	d := w.m.Config.Hidden
	u := w.e.Units(d)
	for t, id := range w.ids {
		w.e.Fetch(x[t*d:(t+1)*d], w.m.embed[int(id)*u:])
	}
}

// layers runs all layers; attend computes o from q, k, v of the layer under way.
func (w *Work) layers(attend func()) {
	w.embed(w.xs[0])
	for w.l = range w.m.layers {
		w.layer(attend)
	}
}

// layer runs the layer under way.
func (w *Work) layer(attend func()) {
	w.region(opAttnIn, w.parts, w.run.attnIn)
	start := time.Now()
	attend()
	w.times[opAttention] += time.Since(start)
	w.region(opMLP, w.parts, w.run.mlp)
}

// attendAll is attention within the batch's sequences.
func (w *Work) attendAll() {
	a := w.act[w.l]
	w.attn.Forward(a.o, a.q, a.k, a.v, a.max, a.sum, w.n, w.spans)
}

// attnIn computes q, k and v of some rows from the residual stream.
func (w *Work) attnIn(i int, t *exact.Thread) {
	lo, hi := w.part(i)
	c, a, ly, m := w.m.Config, w.act[w.l], &w.m.layers[w.l], hi-lo
	x := t.Words(memX, m*t.Units(c.Hidden)) // operands [m][hidden]
	w.norm(t, x, w.xs[w.l][lo*c.Hidden:hi*c.Hidden], ly.norm1, a.r1[lo:hi])
	h := a.h[groupQKV][lo*w.hiddenUnits(&w.fac[w.l], groupQKV):]
	w.hidden(t, &w.fac[w.l], groupQKV, h, x, m)
	for p, dst := range [3][]uint32{a.q, a.k, a.v} {
		out := ly.proj[p].out
		ld, u := t.Padded(out), t.Units(out)
		y := t.Floats(memOut, m*ld) // [m][out] with rows ld apart
		w.project(t, y, ld, w.l, groupQKV, p, x, h, m, 0, t.Panels(out))
		for r := range m {
			w.head1(t, a, p, lo+r, y[r*ld:][:out])
			w.storeHead(t, p, dst[(lo+r)*u:(lo+r+1)*u], y[r*ld:][:out])
		}
	}
}

// head1 takes a row of q, k or v, y [heads][head] or [kv heads][head], from the product to what is rounded: bias, norm of
// every head, rotation.
func (w *Work) head1(t *exact.Thread, a *saved, p, row int, y []float32) {
	c, ly := w.m.Config, &w.m.layers[w.l]
	if b := ly.bias[p]; b != nil {
		t.Add(y, y, b)
	}
	if p == projV {
		return
	}
	if ly.qnorm != nil {
		raw, rs, weight := a.qraw, a.rq, ly.qnorm
		if p == projK {
			raw, rs, weight = a.kraw, a.rk, ly.knorm
		}
		copy(raw[row*len(y):], y)
		heads := len(y) / c.Head
		for h := range heads {
			v := y[h*c.Head:][:c.Head]
			r := t.RMS(v, c.invHead(), float32(c.Eps))
			rs[row*heads+h] = r
			t.NormFloats(v, v, weight, r)
		}
	}
	w.rotate(t, y, row, w.sin)
}

// storeHead rounds a row of q (scaled), k or v: y as operands dst, both [heads][head] or [kv heads][head].
func (w *Work) storeHead(t *exact.Thread, p int, dst []uint32, y []float32) {
	if p == projQ {
		t.Scale(dst, y, w.m.Config.attnScale())
	} else {
		t.Round(dst, y)
	}
	w.checkOperands(t, dst, len(y))
}

// mlp computes some rows of what follows attention, up to the residual stream after the layer.
func (w *Work) mlp(i int, t *exact.Thread) {
	lo, hi := w.part(i)
	c, a, ly, f, m := w.m.Config, w.act[w.l], &w.m.layers[w.l], &w.fac[w.l], hi-lo
	d, ud, uf, uq := c.Hidden, t.Units(c.Hidden), t.Units(c.FF), t.Units(c.Heads*c.Head)
	hid := func(gi int) []uint32 { return a.h[gi][lo*w.hiddenUnits(f, gi):] }
	ld := t.Padded(d)

	o := a.o[lo*uq : hi*uq]
	w.hidden(t, f, groupO, hid(groupO), o, m)
	w.project(t, t.Floats(memOut, m*ld), ld, w.l, groupO, projO, o, hid(groupO), m, 0, t.Panels(d))
	x1 := a.x1[lo*d : hi*d]
	w.residual(t, x1, w.xs[w.l][lo*d:], t.Floats(memOut, m*ld), ld, d)

	x := t.Words(memX, m*ud) // operands [m][hidden]
	w.norm(t, x, x1, ly.norm2, a.r2[lo:hi])
	w.hidden(t, f, groupGU, hid(groupGU), x, m)
	act := t.Words(memLeft, m*uf) // operands [m][ff]
	w.columns(c.FF, func(col, n, p0, p1 int) {
		ldc := (p1 - p0) * t.Width()
		for j, dst := range [2][]uint32{a.g, a.u} {
			y := t.Floats(memOut, m*ldc) // [m][n] with rows ldc apart
			w.project(t, y, ldc, w.l, groupGU, projGate+j, x, hid(groupGU), m, p0, p1)
			for r := range m {
				at := dst[(lo+r)*uf+t.Units(col):]
				t.Round(at, y[r*ldc:][:n])
				w.checkOperands(t, at, n)
			}
		}
		for r := range m {
			at := (lo+r)*uf + t.Units(col)
			t.SwiGLU(act[r*uf+t.Units(col):], a.g[at:], a.u[at:], n)
		}
	})
	w.hidden(t, f, groupDown, hid(groupDown), act, m)
	w.project(t, t.Floats(memOut, m*ld), ld, w.l, groupDown, projDown, act, hid(groupDown), m, 0, t.Panels(d))
	w.residual(t, w.xs[w.l+1][lo*d:hi*d], x1, t.Floats(memOut, m*ld), ld, d)
}

// columnPanels is the number of panels of the wide products that are computed before what follows them.
const columnPanels = 8

// columns calls f for groups of n columns from col on, which are the panels [p0,p1): all columns at once where products
// are divided by columns.
func (w *Work) columns(n int, f func(col, n, p0, p1 int)) {
	all, width := w.e.Panels(n), w.e.Width()
	step := columnPanels
	if w.wide {
		step = all
	}
	for p := 0; p < all; p += step {
		q := min(all, p+step)
		f(p*width, min(n, q*width)-p*width, p, q)
	}
}

// norm stores the normed rows of x [rows][hidden] as operands dst [rows][hidden] and their reciprocal norms rs [rows]; weight
// is [hidden].
func (w *Work) norm(t *exact.Thread, dst []uint32, x, weight, rs []float32) {
	d, u := len(weight), t.Units(len(weight))
	for i := range rs {
		row := x[i*d : (i+1)*d]
		rs[i] = t.RMS(row, w.m.Config.invHidden(), float32(w.m.Config.Eps))
		t.Norm(dst[i*u:], row, weight, rs[i])
	}
}

// residual is dst = x + y, all [rows][d]; the rows of y are ld apart.
func (w *Work) residual(t *exact.Thread, dst, x, y []float32, ld, d int) {
	for i := range len(dst) / d {
		t.Add(dst[i*d:(i+1)*d], x[i*d:], y[i*ld:])
	}
	w.check(t, dst)
}

// rotate applies the rotary embedding in place to a row of heads y [heads][head] in Hugging Face's half-split layout; sin is
// w.sin, or w.nsin for the inverse.
func (w *Work) rotate(t *exact.Thread, y []float32, row int, sin []float32) {
	head := w.m.Config.Head
	half := head / 2
	p := w.pos[row] * half
	for h := 0; h < len(y); h += head {
		v := y[h : h+head]
		t.Rotate(v[:half], v[half:], v[:half], v[half:], w.cos[p:p+half], sin[p:p+half])
	}
}

// check records whether x holds a number that is not finite (docs/numerics.md, R6).
func (w *Work) check(t *exact.Thread, x []float32) {
	if !t.Finite(x) {
		w.bad[t.ID()].set = true
	}
}

// checkOperands is check of operands x [n].
func (w *Work) checkOperands(t *exact.Thread, x []uint32, n int) {
	if !t.FiniteOperands(x, n) {
		w.bad[t.ID()].set = true
	}
}

// finite reports whether all stored numbers were, since the flags were cleared.
func (w *Work) finite() bool {
	for _, b := range w.bad {
		if b.set {
			return false
		}
	}
	return true
}
