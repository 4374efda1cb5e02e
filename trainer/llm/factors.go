package llm

import (
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// group is a set of projections that read the same input, so that their backward inputs are one chain
// (docs/numerics.md, "linear with LoRA").
type group []int

const (
	groupQKV = iota
	groupO
	groupGU
	groupDown
)

var groups = [4]group{{projQ, projK, projV}, {projO}, {projGate, projUp}, {projDown}}

// place is where a projection's factors are in the adapter's flat parameters, and in its group.
type place struct {
	aLo, aHi, bLo, bHi int
	slot               int // position among the group's targeted projections
	on                 bool
}

// factors are one layer's adapter, rounded and laid out for the products of a step.
type factors struct {
	at    [7]place         // [projection]
	count [4]int           // [group]: its targeted projections, which are the slots of its hidden values
	a     [4]*exact.Panels // [group]: its A, one below the other, [slots·rank][in] along in (h = X·Aᵀ)
	aT    [7]*exact.Panels // [projection]: Aᵀ, [in][rank] across rank (the tail of dX)
	b     [7]*exact.Panels // [projection]: s·B, [out][rank] along rank (the tail of y)
	bT    [7]*exact.Panels // [projection]: (s·B)ᵀ, [rank][out] across out (dh)
}

// bind finds an adapter's tensors once for all steps; nil leaves no factors.
func (w *Work) bind(ad *lora.Adapter) {
	if w.bound == ad {
		return
	}
	w.bound, w.rank = ad, 0
	for l := range w.fac {
		f := &w.fac[l]
		f.at, f.count = [7]place{}, [4]int{}
		if ad == nil {
			continue
		}
		w.rank = ad.Spec.Rank
		for gi, g := range groups {
			for _, p := range g {
				name := lora.Prefix + Module(l, Projections[p])
				pl := &f.at[p]
				if pl.aLo, pl.aHi, pl.on = ad.Range(name + lora.SuffixA); pl.on {
					pl.bLo, pl.bHi, _ = ad.Range(name + lora.SuffixB)
					pl.slot = f.count[gi]
					f.count[gi]++
				}
			}
		}
	}
	w.listFactorTasks()
}

// hiddenUnits is the number of words of a row of the group's hidden values: every projection's begin a unit.
func (w *Work) hiddenUnits(f *factors, gi int) int { return f.count[gi] * w.e.Units(w.rank) }

// prepareLayer rounds one layer's factors and lays them out.
func (w *Work) prepareLayer(l int, t *exact.Thread) {
	f, ad, r := &w.fac[l], w.ad, w.rank
	ur := t.Units(r)
	for gi, g := range groups {
		if f.count[gi] == 0 {
			continue
		}
		in := w.m.layers[l].proj[g[0]].in
		ui := t.Units(in)
		stack := t.Words(0, f.count[gi]*r*ui) // A of every slot, operands [slots·rank][in]
		for _, p := range g {
			pl := f.at[p]
			if !pl.on {
				continue
			}
			rows := stack[pl.slot*r*ui:][:r*ui]
			for i := range r {
				t.Round(rows[i*ui:], ad.Params[pl.aLo+i*in:][:in])
			}
			f.aT[p] = t.PackAcross(f.aT[p], rows, ui, r, in)
			out := w.m.layers[l].proj[p].out
			bs := t.Words(1, out*ur) // s·B, operands [out][rank]
			for o := range out {
				t.Scale(bs[o*ur:], ad.Params[pl.bLo+o*r:][:r], ad.Spec.Scale())
			}
			f.b[p] = t.PackAlong(f.b[p], bs, ur, out, ur)
			f.bT[p] = t.PackAcross(f.bT[p], bs, ur, out, r)
		}
		f.a[gi] = t.PackAlong(f.a[gi], stack, ui, f.count[gi]*r, ui)
	}
}

// hidden computes h = X·Aᵀ of the group for m rows of operands x [m][in] and stores every projection's values as operands
// in h [m][slots][rank].
func (w *Work) hidden(t *exact.Thread, f *factors, gi int, h, x []uint32, m int) {
	if f.count[gi] == 0 {
		return
	}
	n, r, ur := f.count[gi]*w.rank, w.rank, t.Units(w.rank)
	ld := t.Padded(n)
	c := t.Floats(memHidden, m*ld) // [m][slots·rank] with rows ld apart
	w.product(t, c, ld, m, n, false, exact.Part(exact.Dense(x, len(x)/m), f.a[gi]))
	for i := range m {
		for j := range f.count[gi] {
			t.Round(h[(i*f.count[gi]+j)*ur:], c[i*ld+j*r:][:r])
		}
	}
}

// project computes panels [p0,p1) of y [m][out] = one chain over [in ‖ r] of [X ‖ h]·[W ‖ sB] for m rows of operands
// x [m][in]; h [m][slots][rank] is the group's. The rows of y are ld apart.
func (w *Work) project(t *exact.Thread, y []float32, ld, l, gi, p int, x, h []uint32, m, p0, p1 int) {
	f := &w.fac[l]
	w.panels(t, y, ld, m, p0, p1, false, exact.Part(exact.Dense(x, len(x)/m), w.m.layers[l].proj[p].fwd))
	if f.at[p].on {
		w.panels(t, y, ld, m, p0, p1, true, exact.Part(f.slot(w, gi, p, h), f.b[p]))
	}
}

// slot is the view [rows][rank] of a projection's values among its group's hidden values h [rows][slots][rank].
func (f *factors) slot(w *Work, gi, p int, h []uint32) exact.Rows {
	return exact.Dense(h[f.at[p].slot*w.e.Units(w.rank):], w.hiddenUnits(f, gi))
}

// hiddenGrad computes dh = dY·sB of projection p for m rows of operands dy [m][out] and stores it as operands in its slot
// of dh [m][slots][rank], the group's.
func (w *Work) hiddenGrad(t *exact.Thread, l, gi, p int, dh, dy []uint32, m int) {
	f := &w.fac[l]
	if !f.at[p].on {
		return
	}
	r, ld := w.rank, t.Padded(w.rank)
	c := t.Floats(memHidden, m*ld) // [m][rank] with rows ld apart
	w.product(t, c, ld, m, r, false, exact.Part(exact.Dense(dy, len(dy)/m), f.bT[p]))
	v := f.slot(w, gi, p, dh)
	for i := range m {
		t.Round(v.Data[i*v.Row:], c[i*ld:][:r])
	}
}

// inputGrad computes panels [p0,p1) of the group's dX [m][in] = the chain over [dY… ‖ dh…] for m rows: dy are operands
// [m][out] of each of its projections, dh [m][slots][rank] the group's. The rows of dx are ld apart.
func (w *Work) inputGrad(t *exact.Thread, dx []float32, ld, l, gi int, dh []uint32, m, p0, p1 int, dy ...[]uint32) {
	f, cont := &w.fac[l], false
	for i, p := range groups[gi] {
		w.panels(t, dx, ld, m, p0, p1, cont, exact.Part(exact.Dense(dy[i], len(dy[i])/m), w.m.layers[l].proj[p].bwd))
		cont = true
	}
	for _, p := range groups[gi] {
		if f.at[p].on {
			w.panels(t, dx, ld, m, p0, p1, true, exact.Part(f.slot(w, gi, p, dh), f.aT[p]))
		}
	}
}

// factorTask is a group of columns of one factor's gradient: of dA of a whole group of projections, or of dB of one.
type factorTask struct {
	gi, p  int // p < 0: dA
	lo, hi int // columns
}

// factorColumns is the number of columns of a task, a multiple of every kernel's width.
const factorColumns = 256

func (w *Work) listFactorTasks() {
	w.facTasks = make([][]factorTask, len(w.fac))
	for l := range w.fac {
		add := func(gi, p, n int) {
			for lo := 0; lo < n; lo += factorColumns {
				w.facTasks[l] = append(w.facTasks[l], factorTask{gi, p, lo, min(lo+factorColumns, n)})
			}
		}
		for gi, g := range groups {
			if w.fac[l].count[gi] == 0 {
				continue
			}
			if !w.freezeA {
				add(gi, -1, w.m.layers[l].proj[g[0]].in)
			}
			for _, p := range g {
				if w.fac[l].at[p].on {
					add(gi, p, w.m.layers[l].proj[p].out)
				}
			}
		}
	}
}

// factorGrad adds dA = dhᵀX or dB = s·(dYᵀh) to the gradient: for every sequence one chain over its tokens, the
// sequences in order.
func (w *Work) factorGrad(i int, t *exact.Thread) {
	k, f := w.facTasks[w.l][i], &w.fac[w.l]
	per := t.Units(w.rank) * t.PerUnit() // operands of a projection in a row, with the padding of its units
	left, right, cols := w.back.dh[k.gi], w.back.x[k.gi], f.count[k.gi]*per
	if k.p >= 0 {
		left, right, cols = f.slot(w, k.gi, k.p, w.act[w.l].h[k.gi]).Data, w.back.dy[k.p], per
	}
	lu, ru := w.hiddenUnits(f, k.gi), len(right)/w.n
	c := t.Floats(memOut, cols*t.Width()) // a panel of the gradient's columns, [slots·per][width], or [per][width] of dB
	for _, sp := range w.spans {
		a := t.Words(memLeft, t.Units(sp.Len)*cols) // units across the sequence's rows, words [units][cols]
		t.RowsAcross(a, left[sp.Lo*lu:], cols, lu, sp.Len, cols)
		for col := k.lo; col < k.hi; col += t.Width() {
			n := min(t.Width(), k.hi-col)
			p := t.PackAcross(t.Panel(), right[sp.Lo*ru+t.Units(col):], ru, sp.Len, n)
			t.Product(c, t.Width(), cols, 0, 1, false, exact.Part(exact.Across(a, cols), p))
			w.addFactor(t, k, f, c, t.Width(), per, col, n)
		}
	}
}

// addFactor adds c, [slots·per][width] of dA or [per][width] of dB and n columns from col on, to the gradient.
func (w *Work) addFactor(t *exact.Thread, k factorTask, f *factors, c []float32, width, per, col, n int) {
	if k.p >= 0 {
		g, s := w.grad[f.at[k.p].bLo:], w.ad.Spec.Scale()
		for r := range w.rank {
			for o, v := range c[r*width:][:n] {
				g[(col+o)*w.rank+r] += float32(s * v)
			}
		}
		return
	}
	for _, p := range groups[k.gi] {
		if pl := f.at[p]; pl.on {
			in := w.m.layers[w.l].proj[p].in
			for r := range w.rank {
				g := w.grad[pl.aLo+r*in+col:][:n]
				t.Add(g, g, c[(pl.slot*per+r)*width:])
			}
		}
	}
}
