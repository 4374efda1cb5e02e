package aggregate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/weftnet/weft/trainer/exact"
)

// Contribution is one decoded delta with its weight.
type Contribution struct {
	Account string
	Slot    uint32
	Tokens  uint64
	Delta   []float32
}

// Outer is the optimizer that applies the mean delta: SGD with (Nesterov) momentum, as in DiLoCo (Douillard et al., 2023).
type Outer struct {
	LR, Momentum float64
	Nesterov     bool
	NormCap      float64 // absolute bound of a delta's norm; 0: none
}

// Fold returns the next parameters and momentum. Contributions are taken in (account, slot) order; each is clipped to
// the token-weighted lower median of the norms and to the cap; the mean is weighted by tokens. All slices have one
// length. The inputs are not changed.
func Fold(params, momentum []float32, cs []Contribution, o Outer) (next, nextMomentum []float32, err error) {
	if len(cs) == 0 {
		return nil, nil, errors.New("aggregate: no contributions")
	}
	if len(momentum) != len(params) {
		return nil, nil, fmt.Errorf("aggregate: %d parameters but %d of momentum", len(params), len(momentum))
	}
	cs = slices.Clone(cs)
	slices.SortFunc(cs, func(a, b Contribution) int {
		if c := strings.Compare(a.Account, b.Account); c != 0 {
			return c
		}
		return int(int64(a.Slot) - int64(b.Slot))
	})
	weights, err := shares(cs, len(params), o.NormCap)
	if err != nil {
		return nil, nil, err
	}
	mu, eta := float32(o.Momentum), float32(o.LR)
	next, nextMomentum = make([]float32, len(params)), make([]float32, len(params))
	for i := range params {
		acc := float32(0)
		for j := range cs {
			acc = exact.FMA(weights[j], cs[j].Delta[i], acc)
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

// shares are the factors of the deltas: min(1, bound/norm) * tokens/total, rounded once to float32.
func shares(cs []Contribution, n int, norm float64) ([]float32, error) {
	total, norms := uint64(0), make([]float64, len(cs))
	for i, c := range cs {
		if len(c.Delta) != n {
			return nil, fmt.Errorf("aggregate: delta of %s slot %d has %d parameters, not %d", c.Account, c.Slot, len(c.Delta), n)
		}
		if i > 0 && cs[i-1].Account == c.Account && cs[i-1].Slot == c.Slot {
			return nil, fmt.Errorf("aggregate: %s slot %d twice", c.Account, c.Slot)
		}
		if c.Tokens == 0 || c.Tokens > 1<<40 {
			return nil, fmt.Errorf("aggregate: %s slot %d counts %d tokens", c.Account, c.Slot, c.Tokens)
		}
		total += c.Tokens
		norms[i] = Norm(c.Delta)
		if math.IsInf(norms[i], 0) || math.IsNaN(norms[i]) || norms[i] == 0 {
			return nil, fmt.Errorf("aggregate: delta of %s slot %d has norm %g", c.Account, c.Slot, norms[i])
		}
	}
	bound := median(cs, norms, total)
	if norm > 0 {
		bound = min(bound, norm)
	}
	w := make([]float32, len(cs))
	for i, c := range cs {
		w[i] = float32(float64(min(1, bound/norms[i])*float64(c.Tokens)) / float64(total))
	}
	return w, nil
}

// median is the token-weighted lower median: the smallest norm up to which at least half of the tokens lie.
func median(cs []Contribution, norms []float64, total uint64) float64 {
	order := make([]int, len(cs))
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
		if below += cs[i].Tokens; 2*below >= total {
			return norms[i]
		}
	}
	return norms[order[len(order)-1]]
}

// Norm is the Euclidean norm of a delta.
func Norm(x []float32) float64 { return math.Sqrt(exact.SumSquares(x)) }
