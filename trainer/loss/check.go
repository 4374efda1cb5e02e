package loss

import (
	"errors"
	"fmt"
	"math"

	"github.com/weftnet/weft/trainer/exact"
)

// The derivative is compared with finite differences at sequences of these lengths, twice each.
var checkLengths = [...]int{1, 2, 7, 33}

// Relative and absolute differences that rounding and the step of a finite difference may leave. What gorgonia has been
// seen to get wrong is wrong by factors.
const (
	checkRelative = 1e-4
	checkAbsolute = 1e-6  // of the largest derivative
	checkNoise    = 1e-10 // of the largest value on the way, whose rounding a difference of losses shows
)

// Refusals of Check.
var (
	ErrDerivative = errors.New("the derivative does not agree with finite differences")
	ErrNotFinite  = errors.New("the loss or its derivative is not finite")
)

// sampled probabilities lie between e^-12 and e^-0.01.
const (
	lowest, highest = 0.01, 12.0
)

// Check compares the derivative with finite differences at seeded log-probabilities. It refuses an expression that is
// not finite there, or of which a derivative differs, with the numbers. A coordinate at which a min, max, abs or clip
// changes its branch within the step has no derivative to compare and is passed over.
func (e *Expr) Check() error {
	// A program of its own keeps every value, so that the branches can be seen.
	p := *e.m.p
	p.code = append([]instr{}, e.m.p.code...)
	p.assign(false)
	c := &checker{m: newMachine(&p), gen: &exact.Gen{State: 4}}
	for range 2 {
		for _, n := range checkLengths {
			if err := c.compare(c.sample(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

type checker struct {
	m   *machine
	gen *exact.Gen
}

// sample draws log-probabilities [n] whose logarithms are uniform.
func (c *checker) sample(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		u := float64(c.gen.Next()>>11) / (1 << 53)
		x[i] = -exp(ln(lowest) + float64(u*(ln(highest)-ln(lowest))))
	}
	return x
}

// at is the loss and the branches taken at log-probabilities x [answer tokens].
func (c *checker) at(x []float64) (value float64, branches uint64) {
	c.m.run(x)
	h := uint64(0)
	for i, in := range c.m.p.code {
		switch {
		case in.op != opMin && in.op != opMax && in.op != opAbs:
		case !in.vector:
			h = h*31 + c.branch(in, c.m.numbers[in.a], c.m.numbers[in.b])
		default:
			for k := range c.m.vector(i) {
				h = h*31 + c.branch(in, c.element(in.a, k), c.element(in.b, k))
			}
		}
	}
	return c.m.numbers[c.m.p.value], h
}

// largest is the largest magnitude that the last run met.
func (c *checker) largest() (most float64) {
	for i, in := range c.m.p.code {
		if !in.vector {
			most = max(most, math.Abs(c.m.numbers[i]))
			continue
		}
		for _, v := range c.m.vector(i) {
			most = max(most, math.Abs(v))
		}
	}
	return most
}

func (c *checker) element(i, k int) float64 {
	if c.m.p.code[i].vector {
		return c.m.vector(i)[k]
	}
	return c.m.numbers[i]
}

func (c *checker) branch(in instr, x, y float64) uint64 {
	if in.op == opAbs {
		y = 0
	}
	return uint64(2 + sign(x-y))
}

// compare checks every derivative at log-probabilities x [answer tokens].
func (c *checker) compare(x []float64) error {
	value, branches := c.at(x)
	largest := c.largest()
	grad := append([]float64{}, c.m.vector(c.m.p.grad)...) // [answer tokens]
	for k, g := range grad {
		if !finite(value) || !finite(g) {
			return fmt.Errorf("%w: of %d tokens, number %d has log-probability %.6g, the loss is %g and its derivative %g; "+
				"it must be finite for every probability, so keep the arguments of log, sqrt and / away from 0 by max or clip",
				ErrNotFinite, len(x), k, x[k], value, g)
		}
	}
	most := 0.0
	for _, g := range grad {
		most = max(most, math.Abs(g))
	}
	slack := float64(checkAbsolute*most) + float64(checkNoise*largest)
	for k, g := range grad {
		d, smooth := c.difference(x, k, g, branches)
		if off := math.Abs(d - g); smooth && !(off <= float64(checkRelative*max(math.Abs(g), math.Abs(d)))+slack) {
			return fmt.Errorf("%w: of %d tokens, number %d has log-probability %.6g, "+
				"where it is %.9g and a finite difference gives %.9g (loss %.9g)", ErrDerivative, len(x), k, x[k], g, d, value)
		}
	}
	return nil
}

// difference is the fourth-order central difference by coordinate k that comes nearest to g, over steps of several
// sizes, since neither a steep nor a large loss is served by one size alone. smooth is false if every step meets another branch.
func (c *checker) difference(x []float64, k int, g float64, branches uint64) (nearest float64, smooth bool) {
	centre := x[k]
	nearest = math.Inf(1)
	defer func() { x[k] = centre }()
	for _, step := range [...]float64{1e-2, 1e-3, 1e-4, 1e-5, 1e-6} {
		h := float64(step * math.Abs(centre))
		var f [4]float64
		same := true
		for i, by := range [4]float64{-2, -1, 1, 2} {
			x[k] = centre + float64(by*h)
			v, b := c.at(x)
			f[i], same = v, same && b == branches
		}
		if !same {
			continue
		}
		smooth = true
		d := (float64(8*(f[2]-f[1])) - (f[3] - f[0])) / (12 * h)
		if math.Abs(d-g) < math.Abs(nearest-g) {
			nearest = d
		}
	}
	return nearest, smooth
}
