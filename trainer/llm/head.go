package llm

import "github.com/weftnet/weft/trainer/exact"

// headRows is the number of weighted rows whose logits exist at a time.
const headRows = 96

// headWork is the memory of the head: normed weighted rows, and the logits of a block of them.
type headWork struct {
	nf     []uint32  // normed rows, [rows][hidden]
	r      []float32 // their reciprocal norms
	nll    []float32
	dnf    []float32 // gradients of the normed rows
	logits []float32 // [headRows][padded vocabulary]
	dl     []uint32  // gradients of the logits, [headRows][vocabulary]
	lo, n  int       // the block under way
	tasks  int
	grad   bool
	ld     int // of dnf
}

// finalNorm gathers the weighted rows of the residual stream and norms them.
func (w *Work) finalNorm() {
	d, h := w.m.Config.Hidden, &w.head
	u := w.e.Units(d)
	fit(&h.nf, len(w.rows)*u)
	fit(&h.r, len(w.rows))
	for i, t := range w.rows {
		row := w.xs[len(w.act)][t*d : (t+1)*d]
		h.r[i] = w.e.RMS(row, w.m.Config.invHidden(), float32(w.m.Config.Eps))
		w.e.Norm(h.nf[i*u:], row, w.m.norm, h.r[i])
	}
}

// losses computes the negative log-likelihood of each weighted row's label (natural logarithm). With grad set, head.dnf
// receives the gradient of their sum, weighted by w.scale, with respect to the normed rows.
func (w *Work) losses(grad bool) []float32 {
	h, v := &w.head, w.m.Config.Vocab
	h.grad = grad
	fit(&h.nll, len(w.rows))
	block := min(headRows, len(w.rows))
	fit(&h.logits, block*w.e.Padded(v))
	if grad {
		h.ld = w.e.Padded(w.m.Config.Hidden)
		fit(&h.dnf, len(w.rows)*h.ld)
		fit(&h.dl, block*w.e.Units(v))
	}
	for h.lo = 0; h.lo < len(w.rows); h.lo += block {
		h.n = min(block, len(w.rows)-h.lo)
		h.tasks = w.tasksOf(v)
		w.region(opHead, h.tasks, w.run.logits)
		w.region(opHead, h.n, w.run.softmax)
		if grad {
			h.tasks = w.tasksOf(w.m.Config.Hidden)
			w.region(opHead, h.tasks, w.run.dnorm)
		}
	}
	return h.nll
}

// tasksOf is the number of tasks over the panels of n columns: few panels are one task for every thread.
func (w *Work) tasksOf(n int) int {
	p, threads := w.e.Panels(n), w.e.Threads()
	if p < 64*threads {
		return min(p, threads)
	}
	return p / 16
}

func (w *Work) taskPanels(i, n int) (lo, hi int) {
	p := w.e.Panels(n)
	return p * i / w.head.tasks, p * (i + 1) / w.head.tasks
}

// logits computes some columns of the block's logits.
func (w *Work) logits(i int, t *exact.Thread) {
	h, u := &w.head, t.Units(w.m.Config.Hidden)
	lo, hi := w.taskPanels(i, w.m.Config.Vocab)
	t.Product(h.logits[lo*t.Width():], t.Padded(w.m.Config.Vocab), h.n, lo, hi, false, exact.Part(exact.Dense(h.nf[h.lo*u:], u), w.m.head.fwd))
}

// softmax takes one row of the block from logits to its loss and the gradient of the logits: p - 1 at the label and p
// elsewhere, times the row's weight.
func (w *Work) softmax(i int, t *exact.Thread) {
	h, v := &w.head, w.m.Config.Vocab
	row, y := h.logits[i*t.Padded(v):][:v], int(w.label[h.lo+i])
	m, ly := t.Max(row), row[y]
	s := t.ExpSum(row, row, m)
	h.nll[h.lo+i] = exact.Log(s) - (ly - m)
	if !h.grad {
		return
	}
	scale := float32(1)
	if w.scale != nil {
		scale = w.scale[h.lo+i]
	}
	r := exact.Recip(s)
	p := float32(exact.FMA(row[y], r, -1) * scale)
	dl := h.dl[i*t.Units(v):][:t.Units(v)]
	t.Scale2(dl, row, r, scale)
	t.Put(dl, y, p)
}

// dnorm computes some columns of the gradient of the block's normed rows: a chain over the vocabulary.
func (w *Work) dnorm(i int, t *exact.Thread) {
	h, u := &w.head, t.Units(w.m.Config.Vocab)
	lo, hi := w.taskPanels(i, w.m.Config.Hidden)
	t.Product(h.dnf[h.lo*h.ld+lo*t.Width():], h.ld, h.n, lo, hi, false, exact.Part(exact.Dense(h.dl, u), w.m.head.bwd))
}

// logitsOf computes the logits of the first rows weighted rows, [rows][vocab].
func (w *Work) logitsOf(rows int) (logits []float32, ld int) {
	v, u := w.m.Config.Vocab, w.e.Units(w.m.Config.Hidden)
	ld = w.e.Padded(v)
	fit(&w.head.logits, rows*ld)
	w.wide = true // few rows and many columns, however many rows the pass had
	w.product(w.e.Thread(), w.head.logits, ld, rows, v, false, exact.Part(exact.Dense(w.head.nf, u), w.m.head.fwd))
	return w.head.logits, ld
}
