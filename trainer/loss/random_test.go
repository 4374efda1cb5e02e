package loss

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// vector and number draw random expressions of bounded depth.
func vector(t *rapid.T, depth int) string {
	if depth == 0 {
		return rapid.SampledFrom([]string{"logp", "-logp", "t", "logp", "exp(logp)"}).Draw(t, "leaf")
	}
	d := depth - 1
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return apply(t, vector(t, d))
	case 1:
		return pair(t, vector(t, d), number(t, d))
	case 2:
		return pair(t, number(t, d), vector(t, d))
	case 3:
		return fmt.Sprintf("clip(%s,%s,%s)", vector(t, d), number(t, d), vector(t, d))
	}
	return pair(t, vector(t, d), vector(t, d))
}

func number(t *rapid.T, depth int) string {
	if depth == 0 {
		return rapid.SampledFrom([]string{"1", "2", "0.5", "3", "n", "0.25"}).Draw(t, "number")
	}
	d := depth - 1
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return apply(t, number(t, d))
	case 1:
		return pair(t, number(t, d), number(t, d))
	}
	return rapid.SampledFrom([]string{"mean", "sum"}).Draw(t, "reduce") + "(" + vector(t, d) + ")"
}

func apply(t *rapid.T, x string) string {
	return fmt.Sprintf(rapid.SampledFrom([]string{
		"-(%s)", "(%s)^2", "(%s)^3", "exp(%s)", "log(1+abs(%s))", "log(%s)", "sqrt(abs(%s)+1)", "abs(%s)",
		"sigmoid(%s)", "tanh(%s)", "log(sigmoid(%s))", "(%s)^-1", "(1+abs(%s))^1.5", "(1+abs(%s))^0.3", "1-sigmoid(%s)",
	}).Draw(t, "function"), x)
}

func pair(t *rapid.T, x, y string) string {
	return fmt.Sprintf(rapid.SampledFrom([]string{
		"(%s+%s)", "(%s-%s)", "(%s*%s)", "(%s/%s)", "min(%s,%s)", "max(%s,%s)",
	}).Draw(t, "operator"), x, y)
}

// TestRandomExpressions: the derivative agrees with finite differences, the value with the reference, and the bits do
// not depend on where vectors are kept.
func TestRandomExpressions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "mean(" + vector(t, rapid.IntRange(1, 4).Draw(t, "depth")) + ")"
		e, err := Parse(text)
		var bad *Error
		if errors.As(err, &bad) {
			t.Skip(err) // no logp in it, or too long
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n := rapid.SampledFrom([]int{1, 2, 5, 16}).Draw(t, "n")
		logp := make([]float64, n)
		for i := range logp {
			logp[i] = -rapid.Float64Range(0.01, 6).Draw(t, "logp")
		}
		sameAnywhere(t, e, logp)
		sameValue(t, e, logp)
		if err := e.Check(); errors.Is(err, ErrDerivative) && tame(e) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// tame is whether no value on the way exceeds what float64 differences can resolve.
func tame(e *Expr) bool { return e.largest([]float64{-0.02, -0.5, -2, -6, -11}) < 1e4 }

func sameAnywhere(t *rapid.T, e *Expr, logp []float64) {
	p := *e.m.p
	p.code = slices.Clone(p.code)
	p.assign(false)
	spread := &Expr{tree: e.tree, m: newMachine(&p)}
	g, h := make([]float64, len(logp)), make([]float64, len(logp))
	a, b := e.Sequence(logp, g), spread.Sequence(logp, h)
	same := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
	if !same(a, b) || !slices.EqualFunc(g, h, same) {
		t.Fatalf("%v %v with vectors that share memory, %v %v without", a, g, b, h)
	}
}

// sameValue judges by the largest value met, derivatives included: it bounds what rounding can do.
func sameValue(t *rapid.T, e *Expr, logp []float64) {
	got, want := e.Sequence(logp, make([]float64, len(logp))), reference(e.tree, logp)[0]
	largest := e.largest(logp)
	if !finite(got) || !finite(want) || !(largest < 1e4) {
		return
	}
	if diff := math.Abs(got - want); diff > 1e-12*max(1, float64(largest*largest)) {
		t.Fatalf("%.17g, the reference says %.17g", got, want)
	}
}
