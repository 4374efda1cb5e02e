package llm

import (
	"time"

	"github.com/weftnet/weft/trainer/exact"
)

// A layer's backward pass is: mlpBack (row-wise, down to the gradient of attention's output), attention's own, attnBack
// (row-wise), and factors (the factors' gradients, which are chains over rows, divided by columns).

// backward is what the passes of a layer hand to each other: by rows, reused by every layer.
type backward struct {
	dx         []float32   // gradient of the residual stream, [rows][hidden]
	dy         [7][]uint32 // [projection]: of its output, operands [rows][out]
	x          [4][]uint32 // [group]: its projections' input, operands [rows][in]
	dh         [4][]uint32 // [group]: of LoRA's hidden values, operands [rows][slots][rank], every slot from a new unit on
	do         []uint32    // of attention's output, operands [rows][heads][head]
	dq, dk, dv []float32   // of attention's inputs, dq [rows][heads][head], dk and dv [rows][kv heads][head]
}

func (w *Work) backprop() {
	w.headGrad()
	for w.l = len(w.m.layers) - 1; w.l >= 0; w.l-- {
		if w.l < len(w.act)-w.kept {
			w.layer(w.run.attend) // the activations were not kept: the same bits again
		}
		a, b := w.act[w.l], &w.back
		w.region(opMLPBack, w.parts, w.run.mlpBack)
		start := time.Now()
		w.attn.Backward(b.dq, b.dk, b.dv, b.do, a.o, a.q, a.k, a.v, a.max, a.sum, w.n, w.spans)
		w.times[opAttentionBack] += time.Since(start)
		w.region(opAttnBack, w.parts, w.run.attnBack)
		b.x[groupO] = a.o
		w.region(opFactors, len(w.facTasks[w.l]), w.run.factors)
	}
}

// headGrad starts the residual gradient from the weighted rows.
func (w *Work) headGrad() {
	d, h, t := w.m.Config.Hidden, &w.head, w.e.Thread()
	clear(w.back.dx)
	for i, r := range w.rows {
		row := w.back.dx[r*d : (r+1)*d]
		t.NormGrad(row, h.dnf[i*h.ld:][:d], w.m.norm, w.xs[len(w.act)][r*d:(r+1)*d], row, h.r[i], w.m.Config.invHidden())
	}
	w.check(t, w.back.dx)
}

// mlpBack takes some rows of dx from the gradient of the layer's output to that of what attention was added to, and
// computes the gradient of attention's output.
func (w *Work) mlpBack(i int, t *exact.Thread) {
	lo, hi := w.part(i)
	c, a, b, ly, f, m := w.m.Config, w.act[w.l], &w.back, &w.m.layers[w.l], &w.fac[w.l], hi-lo
	d, ud, uf, uq := c.Hidden, t.Units(c.Hidden), t.Units(c.FF), t.Units(c.Heads*c.Head)
	dh := func(gi int) []uint32 { return b.dh[gi][lo*w.hiddenUnits(f, gi):] }

	dy := w.residualOperands(t, projDown, lo, hi)
	for r := lo; r < hi; r++ {
		t.SwiGLU(b.x[groupDown][r*uf:], a.g[r*uf:], a.u[r*uf:], c.FF)
	}
	w.hiddenGrad(t, w.l, groupDown, projDown, dh(groupDown), dy, m)
	w.columns(c.FF, func(col, n, p0, p1 int) {
		ld := (p1 - p0) * t.Width()
		da := t.Floats(memOut, m*ld) // [m][n] with rows ld apart
		w.inputGrad(t, da, ld, w.l, groupDown, dh(groupDown), m, p0, p1, dy)
		for r := range m {
			at := (lo+r)*uf + t.Units(col)
			dg, du := b.dy[projGate][at:], b.dy[projUp][at:]
			t.SwiGLUGrad(dg, du, a.g[at:], a.u[at:], da[r*ld:][:n])
			w.checkOperands(t, dg, n)
			w.checkOperands(t, du, n)
		}
	})
	dg, du := b.dy[projGate][lo*uf:hi*uf], b.dy[projUp][lo*uf:hi*uf]
	for r := lo; r < hi; r++ {
		t.Norm(b.x[groupGU][r*ud:], a.x1[r*d:(r+1)*d], ly.norm2, a.r2[r])
	}
	w.hiddenGrad(t, w.l, groupGU, projGate, dh(groupGU), dg, m)
	w.hiddenGrad(t, w.l, groupGU, projUp, dh(groupGU), du, m)
	ld := t.Padded(d)
	dn := t.Floats(memOut, m*ld) // [m][padded hidden]
	w.inputGrad(t, dn, ld, w.l, groupGU, dh(groupGU), m, 0, t.Panels(d), dg, du)
	w.normGrad(t, lo, hi, dn, ld, ly.norm2, a.x1, a.r2)

	dy = w.residualOperands(t, projO, lo, hi)
	w.hiddenGrad(t, w.l, groupO, projO, dh(groupO), dy, m)
	q := c.Heads * c.Head
	ld = t.Padded(q)
	do := t.Floats(memOut, m*ld) // [m][heads][head] with rows ld apart
	w.inputGrad(t, do, ld, w.l, groupO, dh(groupO), m, 0, t.Panels(q), dy)
	for r := range m {
		at := b.do[(lo+r)*uq:]
		t.Round(at, do[r*ld:][:q])
		w.checkOperands(t, at, q)
	}
}

// residualOperands stores rows [lo,hi) of dx as the operands of a projection's output gradient and returns those, [hi-lo][hidden].
func (w *Work) residualOperands(t *exact.Thread, p, lo, hi int) []uint32 {
	d := w.m.Config.Hidden
	u := t.Units(d)
	dy := w.back.dy[p]
	for r := lo; r < hi; r++ {
		t.Round(dy[r*u:], w.back.dx[r*d:(r+1)*d])
		w.checkOperands(t, dy[r*u:], d)
	}
	return dy[lo*u : hi*u]
}

// normGrad adds the gradient of a norm at rows [lo,hi) of x [rows][hidden] to dx, for the gradient dn [hi-lo][ld] of its
// output; weight is [hidden], rs [rows].
func (w *Work) normGrad(t *exact.Thread, lo, hi int, dn []float32, ld int, weight, x, rs []float32) {
	d := len(weight)
	for r := lo; r < hi; r++ {
		row := w.back.dx[r*d : (r+1)*d]
		t.NormGrad(row, dn[(r-lo)*ld:][:d], weight, x[r*d:(r+1)*d], row, rs[r], w.m.Config.invHidden())
	}
	w.check(t, w.back.dx[lo*d:hi*d])
}

// attnBack takes some rows of dx from attention's gradients to the gradient of the layer's input.
func (w *Work) attnBack(i int, t *exact.Thread) {
	lo, hi := w.part(i)
	c, a, b, ly, f, m := w.m.Config, w.act[w.l], &w.back, &w.m.layers[w.l], &w.fac[w.l], hi-lo
	d, ud := c.Hidden, t.Units(c.Hidden)
	dh := b.dh[groupQKV][lo*w.hiddenUnits(f, groupQKV):]
	var dy [3][]uint32 // of q, k and v, operands [m][out]
	for p, grad := range [3][]float32{b.dq, b.dk, b.dv} {
		out := ly.proj[p].out
		u := t.Units(out)
		dy[p] = b.dy[p][lo*u : hi*u]
		for r := lo; r < hi; r++ {
			row := grad[r*out : (r+1)*out]
			w.headBack(t, a, p, r, row)
			t.Round(b.dy[p][r*u:], row)
			w.checkOperands(t, b.dy[p][r*u:], out)
		}
		w.hiddenGrad(t, w.l, groupQKV, p, dh, dy[p], m)
	}
	for r := lo; r < hi; r++ {
		t.Norm(b.x[groupQKV][r*ud:], w.xs[w.l][r*d:(r+1)*d], ly.norm1, a.r1[r])
	}
	if w.l == 0 {
		return // nothing below the first layer's input is trained
	}
	ld := t.Padded(d)
	dn := t.Floats(memOut, m*ld) // [m][padded hidden]
	w.inputGrad(t, dn, ld, w.l, groupQKV, dh, m, 0, t.Panels(d), dy[0], dy[1], dy[2])
	w.normGrad(t, lo, hi, dn, ld, ly.norm1, w.xs[w.l], a.r1)
}

// headBack takes a row of dq, dk or dv, dy [heads][head] or [kv heads][head], from attention's gradient to that of the
// projection's output.
func (w *Work) headBack(t *exact.Thread, a *saved, p, row int, dy []float32) {
	c, ly := w.m.Config, &w.m.layers[w.l]
	switch p {
	case projV:
		return
	case projQ:
		t.Mul(dy, dy, c.attnScale())
	}
	w.rotate(t, dy, row, w.nsin)
	if ly.qnorm == nil {
		return
	}
	raw, rs, weight := a.qraw, a.rq, ly.qnorm
	if p == projK {
		raw, rs, weight = a.kraw, a.rk, ly.knorm
	}
	heads := len(dy) / c.Head
	for h := range heads {
		v := dy[h*c.Head:][:c.Head]
		x := raw[row*len(dy)+h*c.Head:][:c.Head]
		zero := t.Floats(memZero, c.Head)
		clear(zero)
		t.NormGrad(v, v, weight, x, zero, rs[row*heads+h], c.invHead())
	}
}
