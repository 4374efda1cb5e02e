package exact

// attentionGrad is what the backward pass of attention needs beside the forward pass.
type attentionGrad struct {
	dq, dk, dv []float32    // dq [rows][Q*Dim], dk and dv [rows][KV*Dim]
	do         []uint32     // operands [rows][Q*Dim]
	kv         []gradPanels // [spans][KV]
	qs         []gradHead   // [spans][Q]
	pairs      []int        // spans and key heads under way, as span*KV+g
	work       []rowBlock   // span is an index of pairs here
	ldp        []int        // [pairs]: words from one unit of positions to the next in p and ds
	prepare    func(i int, t *Thread)
	rows       func(i int, t *Thread)
	keys       func(i int, t *Thread)
}

type gradPanels struct {
	k, v, kAcross *Panels // k and v [positions][Dim], kAcross the keys' transpose [Dim][positions]
}

type gradHead struct {
	q, do *Panels  // [Dim][positions], across the positions
	p, ds []uint32 // probabilities and score gradients: units of query positions, words [units][ldp], a column for each key
}

// probWords bounds the probabilities and score gradients that are held at a time, in words.
const probWords = 8 << 20

func (g *attentionGrad) bind(a *Attention) {
	g.prepare, g.rows, g.keys = a.packGrad, a.gradRows, a.gradKeys
}

// Backward computes dq [rows][Q*Dim] and dk, dv [rows][KV*Dim] (chains, not rounded) from the operands do [rows][Q*Dim] of
// the output's gradient, o, and what Forward was given and has left in max and sum, in the shapes that Forward gives.
func (a *Attention) Backward(dq, dk, dv []float32, do, o, q, k, v []uint32, max, sum []float32, rows int, spans []Span) {
	g := &a.grad
	a.set(o, q, k, v, max, sum, rows, spans)
	g.dq, g.dk, g.dv, g.do = dq, dk, dv, do
	for len(g.kv) < len(spans)*a.h.KV {
		g.kv = append(g.kv, gradPanels{})
	}
	for len(g.qs) < len(spans)*a.h.Q {
		g.qs = append(g.qs, gradHead{})
	}
	a.e.Run(len(spans)*(a.h.KV+a.h.Q), g.prepare)
	for lo := 0; lo < len(spans)*a.h.KV; {
		lo = a.backwardPairs(lo)
	}
}

// backwardPairs takes as many pairs of span and key head as memory allows, from pair lo on, and returns the next.
func (a *Attention) backwardPairs(lo int) int {
	g, group := &a.grad, a.h.Q/a.h.KV
	g.pairs, g.work, g.ldp = g.pairs[:0], g.work[:0], g.ldp[:0]
	words := 0
	step := tilesPerTask * a.e.k.mr
	for ; lo < len(a.spans)*a.h.KV; lo++ {
		n := a.spans[lo/a.h.KV].Len
		ld := wholeLanes(n + a.e.k.mr)
		size := a.e.Units(n) * ld
		if words += 2 * group * size; words > probWords && len(g.pairs) > 0 {
			break
		}
		for at := (n - 1) / step * step; at >= 0; at -= step {
			g.work = append(g.work, rowBlock{len(g.pairs), at, min(at+step, n)})
		}
		g.pairs, g.ldp = append(g.pairs, lo), append(g.ldp, ld)
		for j := range group {
			h := a.gradHead(lo, j)
			h.p, h.ds = grow(h.p, size), grow(h.ds, size)
		}
	}
	a.e.Run(len(g.work)*group, g.rows)
	a.e.Run(len(g.work), g.keys)
	return lo
}

// gradHead is query head j of the group of a pair of span and key head.
func (a *Attention) gradHead(pair, j int) *gradHead {
	return &a.grad.qs[pair/a.h.KV*a.h.Q+pair%a.h.KV*(a.h.Q/a.h.KV)+j]
}

// packGrad lays out the right operands of one key head's or one query head's products.
func (a *Attention) packGrad(i int, t *Thread) {
	g, n := &a.grad, a.h.KV+a.h.Q
	s, head := a.spans[i/n], i%n
	if head < a.h.KV {
		ld := t.Units(a.h.KV * a.h.Dim)
		off := s.Lo*ld + t.Units(head*a.h.Dim)
		p := &g.kv[i/n*a.h.KV+head]
		p.k = t.PackAlong(p.k, a.k[off:], ld, s.Len, t.Units(a.h.Dim))
		p.v = t.PackAlong(p.v, a.v[off:], ld, s.Len, t.Units(a.h.Dim))
		p.kAcross = t.PackAcross(p.kAcross, a.k[off:], ld, s.Len, a.h.Dim)
		return
	}
	head -= a.h.KV
	ld := t.Units(a.h.Q * a.h.Dim)
	off := s.Lo*ld + t.Units(head*a.h.Dim)
	h := &g.qs[i/n*a.h.Q+head]
	h.q = t.PackAcross(h.q, a.q[off:], ld, s.Len, a.h.Dim)
	h.do = t.PackAcross(h.do, g.do[off:], ld, s.Len, a.h.Dim)
}

// gradRows computes probabilities, score gradients and dq of one head of a row block.
func (a *Attention) gradRows(i int, t *Thread) {
	g, group := &a.grad, a.h.Q/a.h.KV
	b := g.work[i/group]
	pair := g.pairs[b.span]
	s, head := a.spans[pair/a.h.KV], pair%a.h.KV*group+i%group
	p, h, ldw := &g.kv[pair], a.gradHead(pair, i%group), g.ldp[b.span]
	ld, qd := t.Units(a.h.Q*a.h.Dim), a.h.Q*a.h.Dim
	width, mr := t.Padded(a.h.Dim), t.k.mr
	ldp := t.Units(ldw)
	pw, dw := t.Words(memProbs, mr*ldp), t.Words(memDScores, mr*ldp) // probabilities and score gradients, words [mr][ldp]
	out := t.Floats(memOut, mr*width)                                // [mr][padded Dim]
	for lo := b.lo; lo < b.hi; lo += mr {
		hi := min(lo+mr, b.hi)
		m := hi - lo
		at := (s.Lo+lo)*ld + t.Units(head*a.h.Dim)
		sc, lds := a.scores(t, a.q[at:], p.k, m, hi)
		dp := t.Floats(memGrad, m*lds) // [m][lds], as the scores
		t.Product(dp, lds, m, 0, t.Panels(hi), false, Seg{A: Dense(g.do[at:], ld), B: p.v, Units: t.Units(a.h.Dim)})
		for r := range m {
			row, x, d := head*a.rows+s.Lo+lo+r, mask(sc[r*lds:], lo+r+1, negInf), at+r*ld
			t.ExpSum(x, x, a.max[row])
			t.probs(pw[r*ldp:][:ldp], x, a.sum[row])
			clear(dw[r*ldp+t.Units(len(x)):][:ldp-t.Units(len(x))])
			t.SoftmaxGrad(dw[r*ldp:], pw[r*ldp:], mask(dp[r*lds:], lo+r+1, 0), t.Dot(g.do[d:], a.o[d:], a.h.Dim))
		}
		t.Product(out, width, m, 0, t.Panels(a.h.Dim), false, Seg{A: Dense(dw, ldp), B: p.kAcross, Units: t.Units(hi)})
		for r := range m {
			copy(g.dq[(s.Lo+lo+r)*qd+head*a.h.Dim:][:a.h.Dim], out[r*width:])
		}
		t.RowsAcross(h.p[lo/t.PerUnit()*ldw:], pw, ldw, ldp, m, min(ldw, hi+mr))
		t.RowsAcross(h.ds[lo/t.PerUnit()*ldw:], dw, ldw, ldp, m, min(ldw, hi+mr))
	}
}

// gradKeys computes dk and dv of a block of positions of one key head: chains over (query head of the group, then
// position), from the block's own positions on.
func (a *Attention) gradKeys(i int, t *Thread) {
	g, group := &a.grad, a.h.Q/a.h.KV
	b := g.work[len(g.work)-1-i] // the first positions have the longest chains
	pair := g.pairs[b.span]
	s, kd := a.spans[pair/a.h.KV], a.h.KV*a.h.Dim
	width, ldw := t.Padded(a.h.Dim), g.ldp[b.span]
	out := t.Floats(memOut, t.k.mr*width) // [tile rows][padded Dim]
	for lo := b.lo; lo < b.hi; lo += t.k.mr {
		m := min(t.k.mr, b.hi-lo)
		from := lo / t.PerUnit()
		units := t.Units(s.Len) - from
		for _, which := range []struct {
			dst []float32 // [rows][KV*Dim]
			of  func(h *gradHead) ([]uint32, *Panels)
		}{
			{g.dv, func(h *gradHead) ([]uint32, *Panels) { return h.p, h.do }},
			{g.dk, func(h *gradHead) ([]uint32, *Panels) { return h.ds, h.q }},
		} {
			for j := range group {
				x, y := which.of(a.gradHead(pair, j))
				t.Product(out, width, m, 0, t.Panels(a.h.Dim), j > 0, Seg{A: Across(x, ldw).At(lo), B: y, From: from, Units: units})
			}
			for r := range m {
				copy(which.dst[(s.Lo+lo+r)*kd+pair%a.h.KV*a.h.Dim:][:a.h.Dim], out[r*width:])
			}
		}
	}
}
