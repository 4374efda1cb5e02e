package llm

import (
	"fmt"

	"github.com/weftnet/weft/trainer/lora"
)

// Loss is what a pass over a batch found.
type Loss struct {
	NLL    []float32 // per answer token, in order
	Finite bool      // false: a number that the loss depends on overflowed; NLL and gradients must not be used
}

// Sum is the sum of the losses in float64, in order.
func (l Loss) Sum() float64 {
	s := 0.0
	for _, v := range l.NLL {
		s += float64(v)
	}
	return s
}

// Eval computes the losses of a batch under an adapter (nil: the bare base).
func (w *Work) Eval(ad *lora.Adapter, batch []Sequence) (Loss, error) {
	w.Use(ad)
	return w.Losses(batch)
}

// Losses is Eval under the adapter that Use was last given, with the parameters it had then.
func (w *Work) Losses(batch []Sequence) (Loss, error) {
	if err := w.forward(batch); err != nil {
		return Loss{}, err
	}
	if w.n == 0 {
		return w.done(nil), nil
	}
	return w.done(w.nll(nil, false)), nil
}

func (w *Work) forward(batch []Sequence) error {
	if err := w.begin(batch); err != nil {
		return err
	}
	if w.n == 0 {
		return nil // no sequence has an answer: there is no row to compute
	}
	w.embed()
	for l := range w.m.layers {
		w.forwardLayer(l, w.attendAll)
	}
	w.finalNorm()
	return nil
}

// Use sets the adapter of the following passes and lays its current parameters out.
func (w *Work) Use(ad *lora.Adapter) {
	w.ad, w.freezeA = ad, ad != nil && ad.Spec.FreezeA
	w.prepare(ad)
}

func (w *Work) done(nll []float32) Loss {
	w.check(nll)
	return Loss{NLL: nll, Finite: !w.bad}
}

// Grad adds the gradient of the summed losses of a batch to grad, whose elements correspond to ad.Params. Each
// sequence's gradient is a chain of its own and the sequences are added in order, so that any division of a step's
// sequences into successive batches gives the same bits.
func (w *Work) Grad(grad []float32, ad *lora.Adapter, batch []Sequence) (Loss, error) {
	if len(grad) != len(ad.Params) {
		return Loss{}, fmt.Errorf("gradient has %d elements, the adapter %d", len(grad), len(ad.Params))
	}
	w.Use(ad)
	if err := w.forward(batch); err != nil {
		return Loss{}, err
	}
	if w.n == 0 {
		return w.done(nil), nil
	}
	nll := w.nll(nil, true)
	w.sizeGrad()
	w.headGrad()
	for l := len(w.m.layers) - 1; l >= 0; l-- {
		w.layerGrad(grad, l)
	}
	w.check(grad)
	return w.done(nll), nil
}

func (w *Work) sizeGrad() {
	c, n := w.m.Config, w.n
	q, kv := c.Heads*c.Head, c.KVHeads*c.Head
	fit(&w.dx, n*c.Hidden)
	fit(&w.dn, n*max(c.Hidden, q, c.FF))
	fit(&w.d[0], n*max(q, c.FF, c.Hidden))
	fit(&w.d[1], n*max(kv, c.FF))
	fit(&w.d[2], n*kv)
	fit(&w.d[3], n*q)
	stack, wide := 0, 0
	for l := range w.fac {
		for gi, g := range groups {
			r := w.fac[l].stk[gi]
			stack = max(stack, r)
			for _, p := range g {
				wide = max(wide, r*w.m.layers[l].proj[p].in, r*w.m.layers[l].proj[p].out)
			}
		}
	}
	fit(&w.dh, n*stack)
	fit(&w.tmp, wide)
	fit(&w.tmp2, wide)
}

// headGrad starts the residual gradient from the weighted rows.
func (w *Work) headGrad() {
	d := w.m.Config.Hidden
	clear(w.dx)
	for i, t := range w.rows {
		row := w.dx[t*d : (t+1)*d]
		w.e.RMSNormGrad(row, w.dnf[i*d:(i+1)*d], w.m.norm, w.x[t*d:(t+1)*d], row, w.rf[i], w.invHidden())
	}
	w.check(w.dx)
}

// layerGrad takes w.dx from the gradient of layer l's output to that of its input and adds the factors' gradients.
func (w *Work) layerGrad(grad []float32, l int) {
	c, a, ly, n := w.m.Config, &w.act[l], &w.m.layers[l], w.n
	nd, nf, nq, nkv := n*c.Hidden, n*c.FF, n*c.Heads*c.Head, n*c.KVHeads*c.Head

	dy := w.d[0][:nd]
	w.e.Round(dy, w.dx)
	w.e.SwiGLU(w.norm[:nf], a.g, a.u)
	w.projectGrad(grad, l, 3, w.dn[:nf], a.h[3], w.norm[:nf], dy)
	dg, du := w.d[0][:nf], w.d[1][:nf]
	w.e.SwiGLUGrad(dg, du, a.g, a.u, w.dn[:nf])
	w.check(dg)
	w.check(du)
	w.applyNorm(w.norm, a.x1, ly.norm2, a.r2)
	w.projectGrad(grad, l, 2, w.dn[:nd], a.h[2], w.norm[:nd], dg, du)
	w.normGrad(ly.norm2, a.x1, a.r2)

	dy = w.d[0][:nd]
	w.e.Round(dy, w.dx)
	w.projectGrad(grad, l, 1, w.dn[:nq], a.h[1], a.o, dy)
	do := w.d[3][:nq]
	w.e.Round(do, w.dn[:nq])
	w.check(do)
	dq, dk, dv := w.d[0][:nq], w.d[1][:nkv], w.d[2][:nkv]
	w.e.AttentionGrad(dq, dk, dv, do, a.o, a.q, a.k, a.v, a.max, a.sum, n, c.heads(), w.spans)
	s := c.attnScale()
	for i := range dq {
		dq[i] *= s
	}
	w.rotate(dq, c.Heads, -1)
	w.rotate(dk, c.KVHeads, -1)
	w.e.Round(dq, dq)
	w.e.Round(dk, dk)
	w.e.Round(dv, dv)
	w.check(dq)
	w.check(dk)
	w.check(dv)
	w.applyNorm(w.norm, a.x, ly.norm1, a.r1)
	if l == 0 { // nothing below the first layer's input is trained
		w.projectGrad(grad, l, 0, nil, a.h[0], w.norm[:nd], dq, dk, dv)
		return
	}
	w.projectGrad(grad, l, 0, w.dn[:nd], a.h[0], w.norm[:nd], dq, dk, dv)
	w.normGrad(ly.norm1, a.x, a.r1)
}

func (w *Work) normGrad(weight, x, r []float32) {
	d := len(weight)
	w.eachRow(func(t int) {
		row := w.dx[t*d : (t+1)*d]
		w.e.RMSNormGrad(row, w.dn[t*d:(t+1)*d], weight, x[t*d:(t+1)*d], row, r[t], w.invHidden())
	})
	w.check(w.dx)
}
