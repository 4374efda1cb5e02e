package llm

import (
	"github.com/weftnet/weft/trainer/exact"
)

// headRows is the number of weighted rows whose logits exist at a time.
const headRows = 96

// finalNorm gathers the weighted rows of the residual stream and norms them: w.nf [len(rows)][hidden], rounded.
func (w *Work) finalNorm() {
	d := w.m.Config.Hidden
	fit(&w.nf, len(w.rows)*d)
	fit(&w.rf, len(w.rows))
	for i, t := range w.rows {
		w.rf[i] = w.e.RMSNorm(w.nf[i*d:(i+1)*d], w.x[t*d:(t+1)*d], w.m.norm, w.invHidden(), float32(w.m.Config.Eps))
	}
}

// nll appends the negative log-likelihood of each weighted row's label to out (natural logarithm). With grad set,
// w.dnf [len(rows)][hidden] receives the gradient of their sum with respect to the normed rows.
func (w *Work) nll(out []float32, grad bool) []float32 {
	d, v := w.m.Config.Hidden, w.m.Config.Vocab
	if grad {
		fit(&w.dnf, len(w.rows)*d)
	}
	for lo := 0; lo < len(w.rows); lo += headRows {
		n := min(headRows, len(w.rows)-lo)
		fit(&w.logits, n*v)
		w.pa = w.e.PackA(w.pa, exact.Rows(w.nf[lo*d:], d), n, d)
		w.e.MatMul(w.logits, v, n, v, false, exact.Seg{A: w.pa, B: w.m.head.fwd})
		losses := make([]float32, n)
		w.e.Each(n, func(i int) {
			row := w.logits[i*v : (i+1)*v]
			y := w.label[lo+i]
			m, ly := exact.Max(row), row[y]
			s := w.e.ExpSum(row, row, m)
			losses[i] = exact.Log(s) - (ly - m)
			if grad {
				r := exact.Recip(s)
				p := exact.FMA(row[y], r, -1)
				w.e.Scale(row, row, r)
				w.e.Round(row[y:y+1], []float32{p})
			}
		})
		out = append(out, losses...)
		if grad {
			w.pa = w.e.PackA(w.pa, exact.Rows(w.logits, v), n, v)
			w.e.MatMul(w.dnf[lo*d:], d, n, d, false, exact.Seg{A: w.pa, B: w.m.head.bwd})
		}
	}
	return out
}

// Logits are the next-token logits after each weighted row of the last forward pass, [len(rows)][vocab].
func (w *Work) logitsOf(rows int) []float32 {
	d, v := w.m.Config.Hidden, w.m.Config.Vocab
	fit(&w.logits, rows*v)
	w.pa = w.e.PackA(w.pa, exact.Rows(w.nf, d), rows, d)
	w.e.MatMul(w.logits, v, rows, v, false, exact.Seg{A: w.pa, B: w.m.head.fwd})
	return w.logits
}
