package llm

import (
	"fmt"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// Sequence is one record's tokens. Loss[i] tells whether token i is predicted for the loss (by row i-1).
type Sequence struct {
	IDs  []int32
	Loss []bool
}

// rows is the number of leading tokens that matter: up to the row that predicts the last weighted token.
func (s Sequence) rows() int {
	for i := len(s.IDs) - 1; i > 0; i-- {
		if s.Loss[i] {
			return i
		}
	}
	return 0
}

// Answer is the number of tokens that the loss covers.
func (s Sequence) Answer() int {
	n := 0
	for i := 1; i < len(s.IDs); i++ {
		if s.Loss[i] {
			n++
		}
	}
	return n
}

// saved are one layer's activations that the backward pass needs.
type saved struct {
	x, q, k, v, o, x1, g, u []float32 // [rows][width]; q,k after rotation; all but x, x1 rounded
	h                       [4][]float32
	r1, r2                  []float32 // reciprocal norms per row
	max, sum                []float32 // attention, [heads][rows]
}

// Work is the memory of one goroutine's passes over a model. It grows to the largest batch seen and is then reused.
type Work struct {
	m *Model
	e *exact.Engine

	ad      *lora.Adapter
	freezeA bool
	fac     []factors
	stack   []float32
	bs      []float32

	n     int // rows
	spans []exact.Span
	ids   []int32
	pos   []int
	rows  []int // weighted rows
	label []int32
	act   []saved
	x     []float32 // the residual stream
	norm  []float32 // a normed input
	y     []float32 // a projection's output before it is added to the stream
	cos   []float32 // rotary tables, [positions][head/2]
	sin   []float32
	nsin  []float32 // -sin, for the inverse rotation
	bad   bool      // a stored operand was not finite

	pa, pb, pc, pd *exact.Packed
	pdy, pdh       [3]*exact.Packed
	dh, tmp, tmp2  []float32
	dx, dn         []float32
	d              [4][]float32
	logits         []float32
	nf, dnf        []float32
	rf             []float32
}

// NewWork returns working memory over m for a goroutine of its own; threads <= 0 keeps the model's.
func (m *Model) NewWork(threads int) *Work {
	return &Work{m: m, e: m.engine.Fork(threads), fac: make([]factors, m.Config.Layers), act: make([]saved, m.Config.Layers)}
}

// begin lays a batch's sequences out as concatenated rows.
func (w *Work) begin(batch []Sequence) error {
	w.n, w.bad = 0, false
	w.spans, w.ids, w.pos, w.rows, w.label = w.spans[:0], w.ids[:0], w.pos[:0], w.rows[:0], w.label[:0]
	for i, s := range batch {
		if len(s.IDs) != len(s.Loss) {
			return fmt.Errorf("sequence %d: %d tokens but %d loss marks", i, len(s.IDs), len(s.Loss))
		}
		n := s.rows()
		if n > w.m.Config.MaxPositions {
			return fmt.Errorf("sequence %d: %d tokens exceed the base's %d positions: cut the sequences", i, n, w.m.Config.MaxPositions)
		}
		if n == 0 {
			continue
		}
		w.spans = append(w.spans, exact.Span{Lo: w.n, Len: n})
		for t := range n {
			if id := s.IDs[t]; id < 0 || int(id) >= w.m.Config.Vocab {
				return fmt.Errorf("sequence %d: token id %d is outside the vocabulary of %d", i, id, w.m.Config.Vocab)
			}
			w.ids, w.pos = append(w.ids, s.IDs[t]), append(w.pos, t)
			if s.Loss[t+1] {
				w.rows, w.label = append(w.rows, w.n+t), append(w.label, s.IDs[t+1])
			}
		}
		if id := s.IDs[n]; id < 0 || int(id) >= w.m.Config.Vocab {
			return fmt.Errorf("sequence %d: token id %d is outside the vocabulary of %d", i, id, w.m.Config.Vocab)
		}
		w.n += n
	}
	w.size()
	return nil
}

// size grows every buffer to the batch.
func (w *Work) size() {
	c, n := w.m.Config, w.n
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	wide := max(c.Hidden, q, c.FF)
	fit(&w.x, n*c.Hidden)
	fit(&w.norm, n*wide)
	fit(&w.y, n*wide)
	for l := range w.act {
		a := &w.act[l]
		fit(&a.x, n*c.Hidden)
		fit(&a.x1, n*c.Hidden)
		fit(&a.q, n*q)
		fit(&a.o, n*q)
		fit(&a.k, n*kv)
		fit(&a.v, n*kv)
		fit(&a.g, n*c.FF)
		fit(&a.u, n*c.FF)
		fit(&a.r1, n)
		fit(&a.r2, n)
		fit(&a.max, n*c.Heads)
		fit(&a.sum, n*c.Heads)
		for g := range groups {
			fit(&a.h[g], n*w.fac[l].stk[g])
		}
	}
	need := 0
	for _, p := range w.pos {
		need = max(need, p+1)
	}
	w.ropeTo(need)
}

func (w *Work) ropeTo(n int) {
	if half := w.m.Config.Head / 2; len(w.cos) < n*half {
		w.cos, w.sin = ropeTables(w.m.Config, max(n, min(2*len(w.cos)/half, w.m.Config.MaxPositions)))
		w.nsin = make([]float32, len(w.sin))
		for i, s := range w.sin {
			w.nsin[i] = -s
		}
	}
}

func fit(s *[]float32, n int) {
	if cap(*s) < n {
		*s = make([]float32, n)
	}
	*s = (*s)[:n]
}

// check records whether x holds a number that is not finite (docs/numerics.md, R6).
func (w *Work) check(x []float32) {
	if !w.e.Finite(x) {
		w.bad = true
	}
}

// eachRow runs f for every row of the batch on the engine's threads.
func (w *Work) eachRow(f func(t int)) {
	const chunk = 16
	w.e.Each((w.n+chunk-1)/chunk, func(i int) {
		for t := i * chunk; t < min(w.n, (i+1)*chunk); t++ {
			f(t)
		}
	})
}
