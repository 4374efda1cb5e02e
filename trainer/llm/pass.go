package llm

import (
	"fmt"

	"github.com/weftnet/weft/trainer/lora"
)

// Loss is what a pass over a batch found.
type Loss struct {
	NLL       []float32 // per answer token, in order; valid until the next pass
	Value     float64   // the objective's sum over sequences; 0 without an objective
	Sequences int       // those with an answer
	Finite    bool      // false: a number that the loss depends on overflowed; nothing else here must be used
}

// Sum is the sum of the losses in float64, in order.
func (l Loss) Sum() float64 {
	s := 0.0
	for _, v := range l.NLL {
		s += float64(v)
	}
	return s
}

// Objective is a loss of one sequence as a function of the natural log-probabilities of its answer tokens. It writes the
// derivatives to grad, which is as long as logp, and returns the loss. Every processor must get the same bits.
type Objective interface {
	Sequence(logp, grad []float64) (loss float64)
}

// Eval computes the losses of a batch under an adapter (nil: the bare base).
func (w *Work) Eval(ad *lora.Adapter, batch []Sequence) (Loss, error) {
	w.Use(ad)
	return w.Losses(batch)
}

// Losses is Eval under the adapter that Use was last given, with the parameters it had then.
func (w *Work) Losses(batch []Sequence) (Loss, error) {
	if err := w.validate(batch); err != nil {
		return Loss{}, err
	}
	w.reset()
	l := Loss{NLL: w.nlls[:0]}
	for len(batch) > 0 {
		n := w.next(batch, false)
		w.begin(batch[:n])
		batch = batch[n:]
		if w.n == 0 {
			continue // no sequence has an answer: there is no row to compute
		}
		w.size(false)
		w.layers(w.run.attend)
		w.finalNorm()
		l.NLL = append(l.NLL, w.losses(false)...)
		l.Sequences += len(w.spans)
	}
	return w.done(l), nil
}

// Use sets the adapter of the following passes and lays its current parameters out.
func (w *Work) Use(ad *lora.Adapter) {
	w.ad, w.freezeA = ad, ad != nil && ad.Spec.FreezeA == 1
	w.bind(ad)
	if ad != nil {
		w.region(opPrepare, len(w.fac), w.run.prepare)
	}
}

func (w *Work) reset() {
	fit(&w.bad, w.e.Threads())
	clear(w.bad)
}

func (w *Work) done(l Loss) Loss {
	w.nlls = l.NLL
	w.check(w.e.Thread(), l.NLL)
	l.Finite = w.finite() && l.Value-l.Value == 0
	return l
}

// Grad adds the gradient of a batch's loss to grad, whose elements correspond to ad.Params. The loss is the sum of the
// answer tokens' negative log-likelihoods, or with an objective the sum of its values over the sequences. Each sequence's
// gradient is a chain of its own and the sequences are added in order, so that any division of a step's sequences gives
// the same bits.
func (w *Work) Grad(grad []float32, ad *lora.Adapter, obj Objective, batch []Sequence) (Loss, error) {
	if len(grad) != len(ad.Params) {
		return Loss{}, fmt.Errorf("gradient has %d elements, the adapter %d", len(grad), len(ad.Params))
	}
	if err := w.validate(batch); err != nil {
		return Loss{}, err
	}
	w.Use(ad)
	w.reset()
	w.grad = grad
	l := Loss{NLL: w.nlls[:0]}
	for len(batch) > 0 {
		n := w.next(batch, true)
		w.begin(batch[:n])
		batch = batch[n:]
		if w.n == 0 {
			continue
		}
		w.plan()
		w.size(true)
		w.layers(w.run.attend)
		w.finalNorm()
		l.Value = w.weigh(obj, l.Value)
		l.NLL = append(l.NLL, w.losses(true)...)
		l.Sequences += len(w.spans)
		w.backprop()
	}
	w.check(w.e.Thread(), grad)
	w.grad = nil
	return w.done(l), nil
}

// passRows is how many rows are computed at a time, if the memory allows: more are not faster.
const passRows = 1024

// next is the number of leading sequences of a batch that are computed at a time, at least one.
func (w *Work) next(batch []Sequence, train bool) int {
	limit := int64(passRows)
	if train {
		limit = min(limit, w.mostRows())
	}
	rows := int64(0)
	for i, s := range batch {
		if rows += int64(s.rows()); rows > limit && i > 0 {
			return i
		}
	}
	return len(batch)
}

// weigh sets the weights of the rows' losses from an objective, and adds its values to value, sequence by sequence. It
// needs a sequence's losses before any gradient: the logits are computed once more for it.
func (w *Work) weigh(obj Objective, value float64) float64 {
	if obj == nil {
		w.scale = nil
		return value
	}
	nll := w.losses(false)
	fit(&w.scale, len(nll))
	for lo := 0; lo < len(nll); {
		hi := lo
		for hi < len(nll) && w.owner[hi] == w.owner[lo] {
			hi++
		}
		fit(&w.logp, hi-lo)
		fit(&w.dlogp, hi-lo)
		for i, v := range nll[lo:hi] {
			w.logp[i] = -float64(v)
		}
		value += obj.Sequence(w.logp, w.dlogp)
		for i, d := range w.dlogp {
			w.scale[lo+i] = -float32(d)
		}
		lo = hi
	}
	w.check(w.e.Thread(), w.scale)
	return value
}
