package main

import (
	"math"

	"github.com/weftnet/weft/trainer/exact"
)

func (n *net) scale() float32     { return float32(1 / math.Sqrt(float64(n.c.Head))) }
func (n *net) invHidden() float32 { return float32(1 / float64(n.c.Hidden)) }
func (n *net) heads() exact.Heads {
	return exact.Heads{Q: n.c.Heads, KV: n.c.KVHeads, Dim: n.c.Head}
}

// loss is the summed negative log-likelihood of the last forward pass; with grad set the logits become its gradient.
func (n *net) loss(grad bool) float64 {
	b, v := &n.buf, n.c.Vocab
	n.linear(b.nf, n.embed, b.logits)
	nll := make([]float32, b.rows)
	n.e.Run(b.rows, func(i int, t *exact.Thread) {
		row, y := b.logits[i*v:(i+1)*v], b.labels[i]
		m, ly := t.Max(row), row[y]
		s := t.ExpSum(row, row, m)
		nll[i] = exact.Log(s) - (ly - m)
		if grad {
			r := exact.Recip(s)
			p := exact.FMA(row[y], r, -1)
			t.Mul(row, row, r)
			row[y] = p
		}
	})
	if grad {
		n.flush(b.logits)
	}
	total := 0.0
	for _, l := range nll {
		total += float64(l)
	}
	return total
}

// step computes the gradient of the summed loss of the windows into every parameter's g, and returns the loss and the
// number of predicted tokens.
func (n *net) step(windows [][]int32) (loss float64, tokens int) {
	n.prepare()
	n.forward(windows)
	loss = n.loss(true)
	b := &n.buf
	n.inputGrad(b.dnf, b.logits, n.embed, false)
	n.weightGrad(n.embed, b.logits, b.nf)
	clear(b.dx)
	n.normGrad(b.dnf, b.x, n.norm, b.rf)
	for l := len(n.layers) - 1; l >= 0; l-- {
		n.layerGrad(&n.layers[l], &n.acts[l])
	}
	d := n.c.Hidden
	for t, id := range b.ids {
		g := n.embed.g[int(id)*d : (int(id)+1)*d]
		sum(g, g, b.dx[t*d:(t+1)*d])
	}
	return loss, b.rows
}

// layerGrad takes buf.dx from the gradient of a layer's output to that of its input.
func (n *net) layerGrad(ly *[perLayer]*param, a *acts) {
	b, e, c := &n.buf, n.e, n.c
	hid, ff, q, kv := b.rows*c.Hidden, b.rows*c.FF, b.rows*c.Heads*c.Head, b.rows*c.KVHeads*c.Head

	dy := b.d[0][:hid]
	copy(dy, b.dx)
	n.flush(dy)
	n.inputGrad(b.dn[:ff], dy, ly[wdown], false)
	n.weightGrad(ly[wdown], dy, a.a)
	dg, du := b.d[0][:ff], b.d[1][:ff]
	og, ou := n.operands(0, a.g), n.operands(1, a.u)
	e.SwiGLUGrad(og, ou, og, ou, b.dn[:ff])
	e.Fetch(dg, og)
	e.Fetch(du, ou)
	n.inputGrad(b.dn[:hid], dg, ly[wgate], false)
	n.inputGrad(b.dn[:hid], du, ly[wup], true)
	n.weightGrad(ly[wgate], dg, a.n2)
	n.weightGrad(ly[wup], du, a.n2)
	n.normGrad(b.dn[:hid], a.x1, ly[normMid], a.r2)

	dy = b.d[0][:hid]
	copy(dy, b.dx)
	n.flush(dy)
	n.inputGrad(b.dn[:q], dy, ly[wo], false)
	n.weightGrad(ly[wo], dy, a.o)
	do := b.d[3]
	copy(do, b.dn[:q])
	n.flush(do)
	dq, dk, dv := b.d[0][:q], b.d[1][:kv], b.d[2]
	n.attn.Backward(dq, dk, dv, n.operands(0, do), n.operands(1, a.o), n.operands(2, a.q), n.operands(3, a.k), n.operands(4, a.v), a.max,
		a.sum, b.rows, b.spans)
	e.Mul(dq, dq, n.scale())
	n.flush(dq)
	n.rotate(dq, c.Heads, n.nsin)
	n.rotate(dk, c.KVHeads, n.nsin)
	for i, dy := range [][]float32{dq, dk, dv} {
		n.flush(dy)
		n.inputGrad(b.dn[:hid], dy, ly[wq+i], i > 0)
		n.weightGrad(ly[wq+i], dy, a.n1)
	}
	n.normGrad(b.dn[:hid], a.x, ly[normIn], a.r1)
}

// inputGrad is dx = dY·W, or dx += dY·W.
func (n *net) inputGrad(dx, dy []float32, p *param, more bool) {
	n.product(dx, n.buf.rows, exact.Dense(n.operands(0, dy), p.rows), p.bwd, more)
}

// weightGrad is g += dYᵀ·X, one chain over the rows.
func (n *net) weightGrad(p *param, dy, x []float32) {
	b := &n.buf
	b.across = n.e.PackAcross(b.across, n.operands(1, x), p.cols, b.rows, p.cols)
	n.product(p.g, p.rows, exact.Across(n.operands(0, dy), p.rows), b.across, true)
}

// normGrad adds the gradient of a norm at x to buf.dx and that of its weights to g.
func (n *net) normGrad(dy, x []float32, p *param, r []float32) {
	b, d := &n.buf, p.cols
	for t := range b.rows {
		for i := range d {
			p.g[i] += float32(float32(dy[t*d+i]*x[t*d+i]) * r[t])
		}
	}
	n.e.Run(b.rows, func(i int, t *exact.Thread) {
		row := b.dx[i*d : (i+1)*d]
		t.NormGrad(row, dy[i*d:(i+1)*d], p.w, x[i*d:(i+1)*d], row, r[i], n.invHidden())
	})
}
