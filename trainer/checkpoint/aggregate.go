package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/weftnet/weft/trainer/exact"
)

// Delta is one decoded delta with its weight.
type Delta struct {
	Trainer string
	Slot    uint32
	Tokens  uint64    // answer tokens that it was trained on: its weight in the mean
	Change  []float32 // of the trained parameters
}

// Outer is the optimizer that applies the mean delta: SGD with (Nesterov) momentum, as in DiLoCo (Douillard et al., 2023).
type Outer struct {
	LR, Momentum float64
	Nesterov     bool
	NormCap      float64 // absolute bound of a delta's norm; 0: none
}

// Aggregate returns the next parameters and momentum. Deltas are taken in (trainer, slot) order; each is clipped to the
// token-weighted lower median of the norms and to the cap; the mean is weighted by tokens. All slices have one length. The
// inputs are not changed.
func Aggregate(params, momentum []float32, ds []Delta, o Outer) (next, nextMomentum []float32, err error) {
	if len(ds) == 0 {
		return nil, nil, errors.New("aggregate: no deltas")
	}
	if len(momentum) != len(params) {
		return nil, nil, fmt.Errorf("aggregate: %d parameters but %d of momentum", len(params), len(momentum))
	}
	ds = slices.Clone(ds)
	slices.SortFunc(ds, func(a, b Delta) int {
		if c := strings.Compare(a.Trainer, b.Trainer); c != 0 {
			return c
		}
		return int(int64(a.Slot) - int64(b.Slot))
	})
	weights, err := weigh(ds, len(params), o.NormCap)
	if err != nil {
		return nil, nil, err
	}
	mu, eta := float32(o.Momentum), float32(o.LR)
	next, nextMomentum = make([]float32, len(params)), make([]float32, len(params))
	for i := range params {
		acc := float32(0)
		for j := range ds {
			acc = exact.FMA(weights[j], ds[j].Change[i], acc)
		}
		m := exact.FMA(mu, momentum[i], acc)
		step := m
		if o.Nesterov {
			step = exact.FMA(mu, m, acc)
		}
		nextMomentum[i] = m
		next[i] = exact.FMA(eta, step, params[i])
	}
	if !exact.Finite(next) || !exact.Finite(nextMomentum) {
		return nil, nil, errors.New("aggregate: the fold overflows")
	}
	return next, nextMomentum, nil
}

// weigh gives the factors of the deltas: min(1, bound/norm) * tokens/total, rounded once to float32.
func weigh(ds []Delta, n int, norm float64) ([]float32, error) {
	total, norms := uint64(0), make([]float64, len(ds))
	for i, d := range ds {
		if len(d.Change) != n {
			return nil, fmt.Errorf("aggregate: delta of %s slot %d has %d parameters, not %d", d.Trainer, d.Slot, len(d.Change), n)
		}
		if i > 0 && ds[i-1].Trainer == d.Trainer && ds[i-1].Slot == d.Slot {
			return nil, fmt.Errorf("aggregate: %s slot %d twice", d.Trainer, d.Slot)
		}
		if d.Tokens == 0 || d.Tokens > 1<<40 {
			return nil, fmt.Errorf("aggregate: %s slot %d counts %d tokens", d.Trainer, d.Slot, d.Tokens)
		}
		total += d.Tokens
		norms[i] = Norm(d.Change)
		if math.IsInf(norms[i], 0) || math.IsNaN(norms[i]) || norms[i] == 0 {
			return nil, fmt.Errorf("aggregate: delta of %s slot %d has norm %g", d.Trainer, d.Slot, norms[i])
		}
	}
	bound := median(ds, norms, total)
	if norm > 0 {
		bound = min(bound, norm)
	}
	w := make([]float32, len(ds))
	for i, d := range ds {
		w[i] = float32(float64(min(1, bound/norms[i])*float64(d.Tokens)) / float64(total))
	}
	return w, nil
}

// median is the token-weighted lower median: the smallest norm up to which at least half of the tokens lie.
func median(ds []Delta, norms []float64, total uint64) float64 {
	order := make([]int, len(ds))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case norms[a] < norms[b]:
			return -1
		case norms[a] > norms[b]:
			return 1
		}
		return 0
	})
	below := uint64(0)
	for _, i := range order {
		if below += ds[i].Tokens; 2*below >= total {
			return norms[i]
		}
	}
	return norms[order[len(order)-1]]
}

// Norm is the Euclidean norm of a delta.
func Norm(x []float32) float64 { return math.Sqrt(exact.SumSquares(x)) }
