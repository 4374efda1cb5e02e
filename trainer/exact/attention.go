package exact

// Span is one sequence among concatenated rows: rows [Lo, Lo+Len).
type Span struct{ Lo, Len int }

// Heads is the shape of grouped-query attention: Q query heads share KV key and value heads of Dim numbers (even).
type Heads struct{ Q, KV, Dim int }

// KV holds the keys and values of one sequence as the right operands of attention's products.
type KV struct {
	n, room int
	// [KV]: keys [positions][Dim] along the head's numbers, values' transpose [Dim][positions] across the positions
	k, v []*Panels
}

// Len is the number of positions held.
func (c *KV) Len() int { return c.n }

// Attention is causal attention with its working memory; outputs are the same whatever is computed beside them.
// Vaswani et al., "Attention Is All You Need", 2017; Ainslie et al., "GQA", 2023.
type Attention struct {
	e     *Engine
	h     Heads
	spans []Span
	kvs   []*KV // [spans]
	own   []*KV // [spans], for spans without a cache
	rows  int

	o, q, k, v []uint32   // operands: o and q [rows][Q*Dim], k and v [rows][KV*Dim]
	max, sum   []float32  // [Q][rows]; nil: not kept
	blocks     []rowBlock // of all spans
	pack, head func(i int, t *Thread)

	grad attentionGrad
}

// rowBlock is the rows [lo,hi) of a span.
type rowBlock struct{ span, lo, hi int }

// NewAttention returns attention of the given shape on e.
func NewAttention(e *Engine, h Heads) *Attention {
	a := &Attention{e: e, h: h}
	a.pack, a.head = a.packSpan, a.attendBlock
	a.grad.bind(a)
	return a
}

// Forward computes o = softmax(q kᵀ) v per sequence and head. q (already scaled) and o are operands [rows][Q*Dim], k and
// v operands [rows][KV*Dim]. max and sum receive every row's maximum and exponential sum for Backward, [Q][rows].
func (a *Attention) Forward(o, q, k, v []uint32, max, sum []float32, rows int, spans []Span) {
	a.set(o, q, k, v, max, sum, rows, spans)
	a.kvs = a.kvs[:0]
	for i := range spans {
		if i == len(a.own) {
			a.own = append(a.own, newKV(a.h.KV))
		}
		a.kvs = append(a.kvs, a.own[i])
	}
	a.e.Run(len(spans)*a.h.KV, a.pack)
	a.run()
}

// Extend is Forward for the next rows of sequences whose past is cached, with o, q, k and v of the same shapes; the rows'
// keys and values are appended to caches [spans].
func (a *Attention) Extend(o, q, k, v []uint32, rows int, spans []Span, caches []*KV) {
	a.set(o, q, k, v, nil, nil, rows, spans)
	a.kvs = append(a.kvs[:0], caches...)
	ld := a.e.Units(a.h.KV * a.h.Dim)
	for i, s := range spans {
		for t := s.Lo; t < s.Lo+s.Len; t++ {
			caches[i].append(&a.e.arith, k[t*ld:], v[t*ld:], a.h)
		}
	}
	a.run()
}

func (a *Attention) set(o, q, k, v []uint32, max, sum []float32, rows int, spans []Span) {
	a.o, a.q, a.k, a.v, a.max, a.sum, a.rows, a.spans = o, q, k, v, max, sum, rows, spans
}

// tilesPerTask is the number of row tiles that a task of attention takes.
const tilesPerTask = 4

// cut divides the spans into row blocks, longest rows first. Blocks start at even rows of their span.
func (a *Attention) cut() {
	a.blocks = a.blocks[:0]
	for i, s := range a.spans {
		step := tilesPerTask * a.e.k.mr
		for lo := (s.Len - 1) / step * step; lo >= 0; lo -= step {
			a.blocks = append(a.blocks, rowBlock{i, lo, min(lo+step, s.Len)})
		}
	}
}

func (a *Attention) run() {
	a.cut()
	a.e.Run(len(a.blocks)*a.h.Q, a.head)
}

// packSpan lays out keys and values of one span and key head.
func (a *Attention) packSpan(i int, t *Thread) {
	s, g := a.spans[i/a.h.KV], i%a.h.KV
	c, ld := a.kvs[i/a.h.KV], t.Units(a.h.KV*a.h.Dim)
	off := s.Lo*ld + t.Units(g*a.h.Dim)
	c.k[g] = t.PackAlong(c.k[g], a.k[off:], ld, s.Len, t.Units(a.h.Dim))
	c.v[g] = t.PackAcross(c.v[g], a.v[off:], ld, s.Len, a.h.Dim)
	if g == 0 {
		c.n = s.Len
	}
}

// Numbers of a thread's working memory that attention uses; its callers use none inside attention.
const (
	memScores = iota
	memOut
	memGrad
)

const (
	memProbs = iota
	memDScores
)

// attendBlock computes one head of a row block, tile by tile.
func (a *Attention) attendBlock(i int, t *Thread) {
	b, head := a.blocks[i/a.h.Q], i%a.h.Q
	s, c, g := a.spans[b.span], a.kvs[b.span], head/(a.h.Q/a.h.KV)
	past := c.n - s.Len
	ld := t.Units(a.h.Q * a.h.Dim)
	width := t.Padded(a.h.Dim)
	out := t.Floats(memOut, t.k.mr*width) // [tile rows][padded Dim]
	for lo := b.lo; lo < b.hi; lo += t.k.mr {
		hi := min(lo+t.k.mr, b.hi)
		m, n := hi-lo, past+hi
		at := (s.Lo+lo)*ld + t.Units(head*a.h.Dim)
		sc, lds := a.scores(t, a.q[at:], c.k[g], m, n)
		ldp := t.Units(wholeLanes(n))
		p := t.Words(memProbs, m*ldp) // words [m][ldp], one operand for each of n keys
		for r := range m {
			row := mask(sc[r*lds:], past+lo+r+1, negInf)
			mx := t.Max(row)
			l := t.ExpSum(row, row, mx)
			if a.max != nil {
				a.max[head*a.rows+s.Lo+lo+r], a.sum[head*a.rows+s.Lo+lo+r] = mx, l
			}
			t.probs(p[r*ldp:][:ldp], row, l)
		}
		t.Product(out, width, m, 0, t.Panels(a.h.Dim), false, Seg{A: Dense(p, ldp), B: c.v[g], Units: t.Units(n)})
		for r := range m {
			t.Round(a.o[at+r*ld:], out[r*width:][:a.h.Dim])
		}
	}
}

// scores computes the scores s [m][n] of m rows of queries, operands q [m][Dim] from [rows][Q*Dim], against the first n
// keys; ld is the distance of their rows.
func (a *Attention) scores(t *Thread, q []uint32, k *Panels, m, n int) (s []float32, ld int) {
	ld = t.Padded(n)
	s = t.Floats(memScores, m*ld)
	t.Product(s, ld, m, 0, t.Panels(n), false, Seg{A: Dense(q, t.Units(a.h.Q*a.h.Dim)), B: k, Units: t.Units(a.h.Dim)})
	return s, ld
}

// wholeLanes is n rounded up to whole steps of the lanes, which every panel's width is a multiple of.
func wholeLanes(n int) int { return (n + lanes - 1) &^ (lanes - 1) }

// mask is row [wholeLanes(n)]: its first n numbers, filled up with v to whole lanes: with -Inf, whose exponential is +0 and
// changes no sum, or with zeros.
func mask(row []float32, n int, v float32) []float32 {
	row = row[:wholeLanes(n)]
	for i := n; i < len(row); i++ {
		row[i] = v
	}
	return row
}

// probs stores e/l, e [n], as operands; the rest of dst, words [units], is zero.
func (a *arith) probs(dst []uint32, e []float32, l float32) {
	a.Scale(dst, e, Recip(l))
	clear(dst[a.Units(len(e)):])
}

func newKV(heads int) *KV { return &KV{k: make([]*Panels, heads), v: make([]*Panels, heads)} }

// NewKV returns an empty cache for attention of shape h.
func NewKV(h Heads) *KV { return newKV(h.KV) }

// append adds one position's keys and values, operands k and v [KV*Dim] of all key heads.
func (c *KV) append(a *arith, k, v []uint32, h Heads) {
	if c.n == c.room {
		c.reserve(a, max(64, 2*c.room), h)
	}
	w := a.k.nr
	for g := range c.k {
		off := a.Units(g * h.Dim)
		p := c.k[g]
		for u, x := range k[off:][:p.units] {
			p.data[(c.n/w*p.units+u)*w+c.n%w] = x
		}
		c.v[g].setAcross(a, c.n, v[off:], h.Dim)
	}
	c.n++
}

// reserve makes room for positions.
func (c *KV) reserve(a *arith, room int, h Heads) {
	for g := range c.k {
		k := a.resize(nil, room, a.Units(h.Dim))
		v := a.resize(nil, h.Dim, a.Units(room))
		clear(v.data)
		if c.n > 0 {
			copy(k.data, c.k[g].data)
			for i, w := range c.v[g].data { // panels keep their places, each with more units
				per := c.v[g].units * c.v[g].width
				v.data[i/per*v.units*v.width+i%per] = w
			}
		}
		c.k[g], c.v[g] = k, v
	}
	c.room = room
}

// setAcross writes element k of the units of all rows; src is a row of operands [n].
func (p *Panels) setAcross(a *arith, k int, src []uint32, n int) {
	w := p.width
	for i := range n {
		at := &p.data[(i/w*p.units+k/a.PerUnit())*w+i%w]
		switch {
		case a.num == F32:
			*at = src[i]
		case k%2 == 0:
			*at = src[i/2] >> (16 * (i % 2)) & 0xffff
		default:
			*at = *at&0xffff | src[i/2]>>(16*(i%2))<<16
		}
	}
}
