package llm

import "github.com/weftnet/weft/trainer/lora"

// What a step holds in memory follows from the base, the rows of a batch and the budget. Two things may be given up for
// time: the activations of the first layers, which are then computed again in the backward pass, and the copies of the
// weights for the backward direction, which are then derived whenever they are used. Neither changes a bit.

// granule rounds the rows of a batch up, so that buffers do not grow with every batch.
const granule = 64

// words counts 4-byte words of a row: kept by every layer, by every layer whose activations are kept, and by a step.
func (w *Work) words() (layer, kept, step int64) {
	c, u := w.m.Config, w.e.Units
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	h := 0
	for gi := range groups {
		h += len(groups[gi]) * u(w.rank)
	}
	layer = int64(c.Hidden)
	kept = int64(c.Hidden + 2*u(q) + 2*u(kv) + 2*u(c.FF) + h + 2 + 2*c.Heads)
	if c.QKNorm {
		kept += int64(q + kv + c.Heads + c.KVHeads)
	}
	step = int64(2*c.Hidden + 3*u(c.Hidden) + 3*u(c.FF) + 2*u(q) + 2*u(kv) + 2*u(c.Hidden) + h + q + 2*kv)
	return layer, kept, step
}

// fixed is the memory that does not depend on the batch: weights in one direction, logits, and everything of the
// adapter (parameters, gradient, moments, factors laid out).
func (w *Work) fixed() int64 {
	c := w.m.Config
	n := int64(w.m.weightBytes()) + 4*int64(headRows)*int64(w.e.Padded(c.Vocab)+w.e.Units(c.Vocab))
	if w.ad != nil {
		n += 4 * 8 * int64(len(w.ad.Params))
	}
	return n + runtimeBytes
}

// runtimeBytes is kept for the program itself: code, attention's working memory, threads.
const runtimeBytes = 96 << 20

// plan decides what a pass over the batch gives up: the copies of weights come first, since they save more time for their
// bytes, then the activations of as many layers, from the last, as fit.
func (w *Work) plan() {
	w.kept = len(w.act)
	if w.m.budget <= 0 {
		w.m.prepareTraining(1 << 62)
		return
	}
	layer, kept, step := w.words()
	rows := int64(w.roundRows())
	left := w.m.budget - w.fixed() - 4*rows*(int64(len(w.act))*layer+step+kept)
	w.m.prepareTraining(left)
	w.kept = int(min(int64(w.kept), max(0, left-w.m.copyBytes())/(4*rows*kept)))
}

// mostRows is how many rows a pass may have within the budget, if no activations are kept.
func (w *Work) mostRows() int64 {
	if w.m.budget <= 0 {
		return 1 << 62
	}
	layer, kept, step := w.words()
	return (w.m.budget - w.fixed() - w.m.copyBytes()) / (4 * (int64(len(w.act))*layer + step + kept))
}

func (w *Work) roundRows() int { return (w.n + granule - 1) / granule * granule }

// size gives every buffer the rows of the batch.
func (w *Work) size(train bool) {
	w.divide(train)
	kept := w.kept
	if !train {
		kept = 0
	}
	w.room = max(w.room, w.roundRows())
	for l := range w.act {
		if w.act[l] = &w.own[l]; l < len(w.act)-kept {
			w.act[l] = &w.shared
		}
		w.sizeSaved(w.act[l], l)
	}
	for l := range w.xs {
		x := &w.turns[l%2]
		if train {
			x = &w.ownXs[l]
		}
		room(x, w.room, w.n, w.m.Config.Hidden)
		w.xs[l] = *x
	}
	if train {
		w.sizeBackward()
	}
	need := 0
	for _, p := range w.pos {
		need = max(need, p+1)
	}
	w.ropeTo(need)
}

// room gives s n rows of width words, with memory for all rows of room.
func room[T any](s *[]T, rows, n, width int) {
	fit(s, rows*width)
	*s = (*s)[:n*width]
}

func (w *Work) sizeSaved(a *saved, l int) {
	c, n, u := w.m.Config, w.n, w.e.Units
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	room(&a.x1, w.room, n, c.Hidden)
	for _, b := range [...]struct {
		s     *[]uint32
		width int
	}{{&a.q, u(q)}, {&a.o, u(q)}, {&a.k, u(kv)}, {&a.v, u(kv)}, {&a.g, u(c.FF)}, {&a.u, u(c.FF)}} {
		room(b.s, w.room, n, b.width)
	}
	for gi := range groups {
		room(&a.h[gi], w.room, n, w.hiddenUnits(&w.fac[l], gi))
	}
	room(&a.r1, w.room, n, 1)
	room(&a.r2, w.room, n, 1)
	room(&a.max, w.room, n, c.Heads)
	room(&a.sum, w.room, n, c.Heads)
	if c.QKNorm {
		room(&a.qraw, w.room, n, q)
		room(&a.kraw, w.room, n, kv)
		room(&a.rq, w.room, n, c.Heads)
		room(&a.rk, w.room, n, c.KVHeads)
	}
}

func (w *Work) sizeBackward() {
	c, n, u, b := w.m.Config, w.n, w.e.Units, &w.back
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	room(&b.dx, w.room, n, c.Hidden)
	for p, name := range Projections {
		out, _ := c.Dims(name)
		room(&b.dy[p], w.room, n, u(out))
	}
	room(&b.x[groupQKV], w.room, n, u(c.Hidden))
	room(&b.x[groupGU], w.room, n, u(c.Hidden))
	room(&b.x[groupDown], w.room, n, u(c.FF))
	for gi := range groups {
		room(&b.dh[gi], w.room, n, w.hiddenUnits(&w.fac[0], gi))
	}
	room(&b.do, w.room, n, u(q))
	room(&b.dq, w.room, n, q)
	room(&b.dk, w.room, n, kv)
	room(&b.dv, w.room, n, kv)
}

// weightBytes is what the weights take in one direction.
func (m *Model) weightBytes() int {
	n := 4*len(m.embed) + m.head.fwd.Bytes()
	for l := range m.layers {
		for i := range m.layers[l].proj {
			n += m.layers[l].proj[i].fwd.Bytes() // not a copy of the whole, whose bwd may be being made
		}
	}
	return n
}

// copyBytes is what the copies for the backward direction take so far.
func (m *Model) copyBytes() int64 { return m.copied.Load() }

// derives tells whether a training pass has to derive weights for the backward direction.
func (m *Model) derives() bool { return m.copyBytes() < int64(m.weightBytes()-4*len(m.embed)) }

// prepareTraining makes the copies of weights for the backward direction, once, as far as they fit into left bytes.
func (m *Model) prepareTraining(left int64) {
	m.train.Do(func() {
		e, made := m.engine.Fork(0), int64(0)
		copyOf := func(x *linear) {
			if size := int64(x.fwd.Bytes()); made+size <= left {
				made += size
				x.bwd = e.Materialise(x.bwd)
			}
		}
		copyOf(&m.head)
		for l := range m.layers {
			for i := range m.layers[l].proj {
				copyOf(&m.layers[l].proj[i])
			}
		}
		m.copied.Store(made)
	})
}

// Least is the smallest budget in bytes that bounds a training step over one sequence of tokens tokens at a time under the
// adapter: everything that can be given up is given up. A smaller one would not be kept.
func (w *Work) Least(ad *lora.Adapter, tokens int) int64 {
	w.Use(ad)
	layer, kept, step := w.words()
	rows := int64((tokens + granule - 1) / granule * granule)
	return w.fixed() + 4*rows*(int64(len(w.act))*layer+step+kept)
}
