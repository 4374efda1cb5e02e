package llm

import (
	"fmt"
	"time"

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

// saved are one layer's activations that the backward pass needs, row by row. x1 is float32, the others
// operands of products; q and k are rotated.
type saved struct {
	x1               []float32
	q, k, v, o, g, u []uint32
	h                [4][]uint32 // hidden values of each group of projections
	r1, r2           []float32   // reciprocal norms
	max, sum         []float32   // of attention, [heads][rows]
	qraw, kraw       []float32   // before the norm of every head
	rq, rk           []float32   // reciprocal norms of every head, [rows][heads]
}

// Work is the memory of one goroutine's passes over a model. It grows to the largest batch seen and is then reused.
type Work struct {
	m    *Model
	e    *exact.Engine
	attn *exact.Attention

	ad       *lora.Adapter
	bound    *lora.Adapter // whose tensors fac and facTasks refer to
	freezeA  bool
	rank     int
	fac      []factors
	facTasks [][]factorTask

	n     int // rows
	room  int // rows that the buffers hold
	kept  int // layers, from the last, whose activations are kept
	parts int // tasks of a row-wise region
	wide  bool
	spans []exact.Span
	ids   []int32
	pos   []int
	rows  []int // weighted rows
	owner []int // sequence of each weighted row
	label []int32
	scale []float32 // weights of the rows' losses; nil: 1

	l      int          // the layer under way
	act    []*saved     // of every layer, in the pass under way
	own    []saved      // of the layers whose activations are kept
	shared saved        // of the others, one after the other
	xs     [][]float32  // the residual stream before every layer and after the last
	ownXs  [][]float32  // in training
	turns  [2][]float32 // otherwise
	cos    []float32    // rotary tables, [positions][head/2]
	sin    []float32
	nsin   []float32 // -sin, for the inverse rotation
	head   headWork
	back   backward
	grad   []float32 // what Grad adds to
	bad    []badFlag // of every thread: a stored number was not finite
	nlls   []float32 // of all sequences of a call
	logp   []float64
	dlogp  []float64
	run    regions
	task   func(i int) // that Run is given
	times  [operations]time.Duration
}

// regions are the tasks of the parallel regions, bound once so that a step allocates nothing.
type regions struct {
	prepare, attnIn, mlp, mlpBack, attnBack, factors, softmax, logits, dnorm func(i int, t *exact.Thread)
	attend                                                                   func()
	plain                                                                    func(i int, t *exact.Thread) // the task of Run
}

// NewWork returns working memory over m for a goroutine of its own; threads <= 0 keeps the model's.
func (m *Model) NewWork(threads int) *Work {
	w := &Work{m: m, e: m.engine.Fork(threads), fac: make([]factors, m.Config.Layers)}
	w.act, w.own = make([]*saved, m.Config.Layers), make([]saved, m.Config.Layers)
	w.xs, w.ownXs = make([][]float32, m.Config.Layers+1), make([][]float32, m.Config.Layers+1)
	w.attn = exact.NewAttention(w.e, m.Config.heads())
	w.run = regions{w.prepareLayer, w.attnIn, w.mlp, w.mlpBack, w.attnBack, w.factorGrad, w.softmax, w.logits, w.dnorm, w.attendAll,
		func(i int, _ *exact.Thread) { w.task(i) }}
	return w
}

// Numbers of a thread's working memory.
const (
	memOut = iota // float32: the output of a product
	memZero
	memHidden
)

const (
	memX    = iota // operands: the input of a product
	memLeft        // units across the rows
)

// validate names what is wrong with a batch.
func (w *Work) validate(batch []Sequence) error {
	c := w.m.Config
	for i, s := range batch {
		if len(s.IDs) != len(s.Loss) {
			return fmt.Errorf("sequence %d: %d tokens but %d loss marks", i, len(s.IDs), len(s.Loss))
		}
		n := s.rows()
		if n > c.MaxPositions {
			return fmt.Errorf("sequence %d: %d tokens exceed the base's %d positions: cut the sequences", i, n, c.MaxPositions)
		}
		if n == 0 {
			continue
		}
		for _, id := range s.IDs[:n+1] {
			if id < 0 || int(id) >= c.Vocab {
				return fmt.Errorf("sequence %d: token id %d is outside the vocabulary of %d", i, id, c.Vocab)
			}
		}
	}
	return nil
}

// begin lays a batch's sequences out as concatenated rows. A sequence without an answer has none.
func (w *Work) begin(batch []Sequence) {
	w.n = 0
	w.spans, w.ids, w.pos, w.rows, w.owner, w.label = w.spans[:0], w.ids[:0], w.pos[:0], w.rows[:0], w.owner[:0], w.label[:0]
	for _, s := range batch {
		n := s.rows()
		if n == 0 {
			continue
		}
		for t, id := range s.IDs[:n] {
			w.ids, w.pos = append(w.ids, id), append(w.pos, t)
			if s.Loss[t+1] {
				w.rows, w.owner, w.label = append(w.rows, w.n+t), append(w.owner, len(w.spans)), append(w.label, s.IDs[t+1])
			}
		}
		w.spans = append(w.spans, exact.Span{Lo: w.n, Len: n})
		w.n += n
	}
}

// part is the rows [lo,hi) of a task of a row-wise region: whole tiles, nearly as many in each.
func (w *Work) part(i int) (lo, hi int) {
	mr := w.e.Height()
	tiles := (w.n + mr - 1) / mr
	return tiles * i / w.parts * mr, min(w.n, tiles*(i+1)/w.parts*mr)
}

// partRows is about the number of rows that a task takes: enough to make use of every weight that it reads, few enough
// for the rows' numbers to stay in the cache.
const partRows = 96

// partRowsDerived is partRows where every task derives panels of its own.
const partRowsDerived = 256

// divide chooses the tasks of row-wise regions. Few rows are one task whose products are divided by columns.
func (w *Work) divide(train bool) {
	tiles, threads := (w.n+w.e.Height()-1)/w.e.Height(), w.e.Threads()
	w.wide = tiles < 2*threads
	if w.parts = 1; !w.wide {
		rows := partRows
		if train && w.m.derives() {
			rows = partRowsDerived
		}
		w.parts = (w.n + rows - 1) / rows
		w.parts = min(tiles, (w.parts+threads-1)/threads*threads)
	}
}

// product computes all n columns of a product, or continues them.
func (w *Work) product(t *exact.Thread, c []float32, ldc, m, n int, cont bool, s exact.Seg) {
	w.panels(t, c, ldc, m, 0, t.Panels(n), cont, s)
}

// panels is exact.Thread.Product, divided over the threads where the region has a single task.
func (w *Work) panels(t *exact.Thread, c []float32, ldc, m, p0, p1 int, cont bool, s exact.Seg) {
	const least = 4 // panels of a task
	if tasks := min((p1-p0)/least, 4*w.e.Threads()); w.wide && tasks > 1 {
		n := p1 - p0
		w.e.Run(tasks, func(i int, t *exact.Thread) {
			lo, hi := n*i/tasks, n*(i+1)/tasks
			t.Product(c[lo*t.Width():], ldc, m, p0+lo, p0+hi, cont, s)
		})
		return
	}
	t.Product(c, ldc, m, p0, p1, cont, s)
}

// Run calls task(0) to task(n-1) on the work's threads and returns when all are done.
func (w *Work) Run(n int, task func(i int)) {
	w.task = task
	w.e.Run(n, w.run.plain)
	w.task = nil
}

// badFlag is a thread's flag, on a cache line of its own.
type badFlag struct {
	set bool
	_   [63]byte
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

// fit gives s n elements; the contents are not kept.
func fit[T any](s *[]T, n int) {
	if cap(*s) < n {
		*s = nil // the old memory may go before the new is taken
		*s = make([]T, n)
	}
	*s = (*s)[:n]
}
