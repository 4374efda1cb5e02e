package llm

import (
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// group is a set of projections that read the same input, so that their backward inputs are one chain
// (docs/numerics.md, "linear+LoRA").
type group []int

var groups = []group{{projQ, projK, projV}, {projO}, {projGate, projUp}, {projDown}}

// factors are one layer's adapter, rounded and laid out for the products of a step.
type factors struct {
	rank [7]int           // 0 where a projection is not targeted
	off  [7]int           // first row of the projection in its group's stack of A
	stk  [4]int           // rows of each group's stack
	a    [4]*exact.Packed // stack of A as right operand: rows r, over in (h = X·Aᵀ)
	aT   [7]*exact.Packed // Aᵀ: rows in, over r (the tail of dX)
	b    [7]*exact.Packed // s·B: rows out, over r (the tail of y)
	bT   [7]*exact.Packed // (s·B)ᵀ: rows r, over out (dh)
}

// prepare rounds the adapter's factors and lays them out, once per step. A nil adapter leaves no factors.
func (w *Work) prepare(ad *lora.Adapter) {
	for l := range w.fac {
		f := &w.fac[l]
		f.rank, f.stk = [7]int{}, [4]int{}
		if ad == nil {
			continue
		}
		for gi, g := range groups {
			w.stack = w.stack[:0]
			in := 0
			for _, p := range g {
				name := lora.Prefix + Module(l, Projections[p])
				lo, hi, ok := ad.Range(name + lora.SuffixA)
				if !ok {
					continue
				}
				f.rank[p], f.off[p] = ad.Spec.Rank, f.stk[gi]
				f.stk[gi] += ad.Spec.Rank
				in = w.m.layers[l].proj[p].in
				w.stack = append(w.stack, ad.Params[lo:hi]...)
				blo, bhi, _ := ad.Range(name + lora.SuffixB)
				w.prepareB(f, p, ad.Params[blo:bhi], ad.Spec)
			}
			if f.stk[gi] == 0 {
				continue
			}
			w.e.Round(w.stack, w.stack)
			f.a[gi] = w.e.PackB(f.a[gi], exact.Rows(w.stack, in), f.stk[gi], in)
			for _, p := range g {
				if r := f.rank[p]; r > 0 {
					f.aT[p] = w.e.PackB(f.aT[p], exact.Rows(w.stack[f.off[p]*in:], in).T(), in, r)
				}
			}
		}
	}
}

func (w *Work) prepareB(f *factors, p int, b []float32, spec lora.Spec) {
	w.bs = append(w.bs[:0], b...)
	w.e.Scale(w.bs, w.bs, spec.Scale())
	out, r := len(b)/spec.Rank, spec.Rank
	f.b[p] = w.e.PackB(f.b[p], exact.Rows(w.bs, r), out, r)
	f.bT[p] = w.e.PackB(f.bT[p], exact.Rows(w.bs, r).T(), r, out)
}

// project computes y[p] = one chain over [in ‖ r] of [X ‖ h]·[W ‖ sB] for every projection of group gi, and leaves the
// rounded hidden values h = X·Aᵀ ([rows][stack]). x is rounded, [rows][in].
func (w *Work) project(l, gi int, h, x []float32, y ...[]float32) {
	f, ly, n := &w.fac[l], &w.m.layers[l], w.n
	in := ly.proj[groups[gi][0]].in
	w.pa = w.e.PackA(w.pa, exact.Rows(x, in), n, in)
	r := f.stk[gi]
	if r > 0 {
		w.e.MatMul(h, r, n, r, false, exact.Seg{A: w.pa, B: f.a[gi]})
		w.e.Round(h[:n*r], h[:n*r])
	}
	for i, p := range groups[gi] {
		segs := []exact.Seg{{A: w.pa, B: ly.proj[p].fwd}}
		if f.rank[p] > 0 {
			w.pb = w.e.PackA(w.pb, exact.Rows(h[f.off[p]:], r), n, f.rank[p])
			segs = append(segs, exact.Seg{A: w.pb, B: f.b[p]})
		}
		w.e.MatMul(y[i], ly.proj[p].out, n, ly.proj[p].out, false, segs...)
	}
}

// projectGrad is the backward pass of project: dy[p] are rounded, [rows][out]; dx (nil: not needed) receives the chain
// over [dY… ‖ dh…]; the gradients of the factors are added to grad, sequence by sequence.
func (w *Work) projectGrad(grad []float32, l, gi int, dx, h, x []float32, dy ...[]float32) {
	f, ly, n, r := &w.fac[l], &w.m.layers[l], w.n, w.fac[l].stk[gi]
	in := ly.proj[groups[gi][0]].in
	var segs, tail []exact.Seg
	for i, p := range groups[gi] {
		out := ly.proj[p].out
		w.pdy[i] = w.e.PackA(w.pdy[i], exact.Rows(dy[i], out), n, out)
		segs = append(segs, exact.Seg{A: w.pdy[i], B: ly.proj[p].bwd})
		if f.rank[p] > 0 {
			w.e.MatMul(w.dh[f.off[p]:], r, n, f.rank[p], false, exact.Seg{A: w.pdy[i], B: f.bT[p]})
		}
	}
	if r > 0 {
		w.e.Round(w.dh[:n*r], w.dh[:n*r])
		for i, p := range groups[gi] {
			if f.rank[p] > 0 {
				w.pdh[i] = w.e.PackA(w.pdh[i], exact.Rows(w.dh[f.off[p]:], r), n, f.rank[p])
				tail = append(tail, exact.Seg{A: w.pdh[i], B: f.aT[p]})
			}
		}
		w.factorGrads(grad, l, gi, in, h, x, dy)
	}
	if dx != nil {
		w.e.MatMul(dx, in, n, in, false, append(segs, tail...)...)
	}
}

// factorGrads adds dA = dhᵀX and dB = s·(dYᵀh), one chain over the tokens of each sequence, sequences in order.
func (w *Work) factorGrads(grad []float32, l, gi, in int, h, x []float32, dy [][]float32) {
	f, ly, r := &w.fac[l], &w.m.layers[l], w.fac[l].stk[gi]
	for _, sp := range w.spans {
		if !w.freezeA {
			w.pa = w.e.PackA(w.pa, exact.Rows(w.dh[sp.Lo*r:], r).T(), r, sp.Len)
			w.pb = w.e.PackB(w.pb, exact.Rows(x[sp.Lo*in:], in).T(), in, sp.Len)
			w.e.MatMul(w.tmp, in, r, in, false, exact.Seg{A: w.pa, B: w.pb})
		}
		for i, p := range groups[gi] {
			if f.rank[p] == 0 {
				continue
			}
			name, out, rank := lora.Prefix+Module(l, Projections[p]), ly.proj[p].out, f.rank[p]
			if !w.freezeA {
				lo, hi, _ := w.ad.Range(name + lora.SuffixA)
				add(grad[lo:hi], w.tmp[f.off[p]*in:])
			}
			w.pc = w.e.PackA(w.pc, exact.Rows(h[sp.Lo*r+f.off[p]:], r).T(), rank, sp.Len)
			w.pd = w.e.PackB(w.pd, exact.Rows(dy[i][sp.Lo*out:], out).T(), out, sp.Len)
			w.e.MatMul(w.tmp2, out, rank, out, false, exact.Seg{A: w.pc, B: w.pd})
			lo, hi, _ := w.ad.Range(name + lora.SuffixB)
			addScaledT(grad[lo:hi], w.tmp2, out, rank, w.ad.Spec.Scale())
		}
	}
}

func add(dst, src []float32) {
	for i := range dst {
		dst[i] += src[i]
	}
}

// addScaledT adds s·srcᵀ to dst[out][rank]; src is [rank][out]. The product is rounded before the addition.
func addScaledT(dst, src []float32, out, rank int, s float32) {
	for o := range out {
		for r := range rank {
			dst[o*rank+r] += float32(s * src[r*out+o])
		}
	}
}
