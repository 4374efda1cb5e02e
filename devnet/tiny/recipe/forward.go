package main

import "github.com/weftnet/weft/trainer/exact"

// acts are one layer's saved activations, [rows][width]; n1, n2 are the normed inputs, a the SwiGLU's output.
type acts struct {
	x, n1, q, k, v, o, x1, n2, g, u, a []float32
	r1, r2, max, sum                   []float32
}

type buffers struct {
	rows         int
	spans        []exact.Span
	ids, labels  []int32
	pos          []int
	x, y, nf, rf []float32
	logits       []float32
	dx, dn, dnf  []float32
	d            [4][]float32
	ops          [5][]uint32   // operands of the product or attention under way
	across       *exact.Panels // a right operand of a product over rows
}

// lay sets a batch of token windows out as concatenated rows; row t predicts token t+1 of its window.
func (n *net) lay(windows [][]int32) {
	b := &n.buf
	b.rows, b.spans, b.ids, b.labels, b.pos = 0, b.spans[:0], b.ids[:0], b.labels[:0], b.pos[:0]
	for _, w := range windows {
		b.spans = append(b.spans, exact.Span{Lo: b.rows, Len: len(w) - 1})
		for t := range len(w) - 1 {
			b.ids, b.labels, b.pos = append(b.ids, w[t]), append(b.labels, w[t+1]), append(b.pos, t)
		}
		b.rows += len(w) - 1
	}
	c := n.c
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	fit(b.rows*c.Hidden, &b.x, &b.y, &b.nf, &b.dx, &b.dnf)
	fit(b.rows*c.FF, &b.dn, &b.d[0], &b.d[1])
	fit(b.rows*kv, &b.d[2])
	fit(b.rows*q, &b.d[3])
	fit(b.rows, &b.rf)
	fit(b.rows*c.Vocab, &b.logits)
	for l := range n.acts {
		a := &n.acts[l]
		fit(b.rows*c.Hidden, &a.x, &a.n1, &a.x1, &a.n2)
		fit(b.rows*q, &a.q, &a.o)
		fit(b.rows*kv, &a.k, &a.v)
		fit(b.rows*c.FF, &a.g, &a.u, &a.a)
		fit(b.rows, &a.r1, &a.r2)
		fit(b.rows*c.Heads, &a.max, &a.sum)
	}
}

func fit(n int, bufs ...*[]float32) {
	for _, s := range bufs {
		if cap(*s) < n {
			*s = make([]float32, n)
		}
		*s = (*s)[:n]
	}
}

// forward runs the windows through the decoder up to the final norm.
func (n *net) forward(windows [][]int32) {
	n.lay(windows)
	b, d := &n.buf, n.c.Hidden
	for t, id := range b.ids {
		copy(b.x[t*d:(t+1)*d], n.embed.w[int(id)*d:])
	}
	for l := range n.layers {
		n.forwardLayer(&n.layers[l], &n.acts[l])
	}
	n.rmsNorm(b.nf, b.x, n.norm, b.rf)
}

func (n *net) forwardLayer(ly *[perLayer]*param, a *acts) {
	b, c, e := &n.buf, n.c, n.e
	copy(a.x, b.x)
	n.rmsNorm(a.n1, a.x, ly[normIn], a.r1)
	n.linear(a.n1, ly[wq], a.q)
	n.linear(a.n1, ly[wk], a.k)
	n.linear(a.n1, ly[wv], a.v)
	n.rotate(a.q, c.Heads, n.sin)
	n.rotate(a.k, c.KVHeads, n.sin)
	e.Mul(a.q, a.q, n.scale())
	for _, x := range [][]float32{a.q, a.k, a.v} {
		n.flush(x)
	}
	o := n.operands(3, a.o)
	n.attn.Forward(o, n.operands(0, a.q), n.operands(1, a.k), n.operands(2, a.v), a.max, a.sum, b.rows, b.spans)
	e.Fetch(a.o, o)
	n.linear(a.o, ly[wo], b.y)
	sum(a.x1, a.x, b.y)
	n.rmsNorm(a.n2, a.x1, ly[normMid], a.r2)
	n.linear(a.n2, ly[wgate], a.g)
	n.linear(a.n2, ly[wup], a.u)
	n.flush(a.g)
	n.flush(a.u)
	act := n.operands(2, a.a)
	e.SwiGLU(act, n.operands(0, a.g), n.operands(1, a.u), len(a.a))
	e.Fetch(a.a, act)
	n.linear(a.a, ly[wdown], b.y)
	sum(b.x, a.x1, b.y)
}

// linear is y = X·Wᵀ for rounded X [rows][in].
func (n *net) linear(x []float32, p *param, y []float32) {
	n.product(y, n.buf.rows, exact.Dense(n.operands(0, x), p.cols), p.fwd, false)
}

func (n *net) rmsNorm(y, x []float32, p *param, r []float32) {
	d := p.cols
	n.e.Run(n.buf.rows, func(i int, t *exact.Thread) {
		row := x[i*d : (i+1)*d]
		r[i] = t.RMS(row, n.invHidden(), float32(n.c.Eps))
		t.NormFloats(y[i*d:(i+1)*d], row, p.w, r[i])
	})
	n.flush(y)
}

// rotate applies the rotary embedding in Hugging Face's half-split layout.
func (n *net) rotate(x []float32, heads int, sin []float32) {
	h, half := n.c.Head, n.c.Head/2
	n.e.Run(n.buf.rows, func(row int, t *exact.Thread) {
		p := n.buf.pos[row] * half
		for i := range heads {
			v := x[(row*heads+i)*h:][:h]
			t.Rotate(v[:half], v[half:], v[:half], v[half:], n.cos[p:p+half], sin[p:p+half])
		}
	})
}

func sum(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}
