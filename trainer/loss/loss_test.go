package loss

import (
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/weftnet/weft/x/round/protocol"
)

// documented are the examples of docs/losses.md and one use of everything else.
var documented = []string{
	"mean(-logp)",
	"sum(-logp)",
	"mean(-(1-exp(logp))^2*logp)",
	"mean(min(-logp, 4))",
	"sum(-logp*exp(-t/8))/sum(exp(-t/8))",
	"0.9*mean(-logp) + 0.1*mean(1-exp(logp))",
	"log(1+exp(mean(-logp)))",
	"mean(abs(logp+1)^1.5)",
	"mean(clip(-logp, 0.5, 3))*max(1, log(n))",
	"mean(log(sigmoid(logp/2)))*-1",
	"mean(tanh(-logp)*sqrt(-logp))+(sum(logp)/n)^-2",
	"mean((-logp)^(1/3))",
}

func registered(t testing.TB, text string) *Expr {
	t.Helper()
	e, err := Register(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

// TestByHand compares with derivatives that were worked out on paper.
func TestByHand(t *testing.T) {
	logp := []float64{-0.1, -1, -2.5, -5}
	n := float64(len(logp))
	for text, k := range map[string]struct {
		loss, grad func(k int, x float64) float64
	}{ // the loss is a sum of one term per token
		"mean(-logp)": {func(_ int, x float64) float64 { return -x / n }, func(int, float64) float64 { return -1 / n }},
		"sum(-logp)":  {func(_ int, x float64) float64 { return -x }, func(int, float64) float64 { return -1 }},
		"mean(min(-logp, 4))": {
			func(_ int, x float64) float64 { return min(-x, 4) / n },
			func(_ int, x float64) float64 { return map[bool]float64{true: -1 / n}[-x < 4] },
		},
		"mean(-(1-exp(logp))^2*logp)": {
			func(_ int, x float64) float64 { return -math.Pow(1-math.Exp(x), 2) * x / n },
			func(_ int, x float64) float64 {
				q := 1 - math.Exp(x)
				return (2*q*math.Exp(x)*x - q*q) / n
			},
		},
		"sum(logp^2*t)": {
			func(k int, x float64) float64 { return x * x * float64(k) },
			func(k int, x float64) float64 { return 2 * x * float64(k) },
		},
	} {
		grad := make([]float64, len(logp)) // [answer tokens]
		got, want := registered(t, text).Sequence(logp, grad), 0.0
		for i, x := range logp {
			want += k.loss(i, x)
			if d := k.grad(i, x); math.Abs(grad[i]-d) > 1e-15*max(1, math.Abs(d)) {
				t.Errorf("%s: derivative %d is %.17g, want %.17g", text, i, grad[i], d)
			}
		}
		if math.Abs(got-want) > 1e-14*math.Abs(want) {
			t.Errorf("%s is %.17g, want %.17g", text, got, want)
		}
	}
}

func TestDocumentedExpressionsRegister(t *testing.T) {
	for _, text := range documented {
		if e := registered(t, text); e.String() != text {
			t.Errorf("%s calls itself %s", text, e)
		}
	}
}

func TestFromSpec(t *testing.T) {
	if e, err := FromSpec(protocol.LossSFT); e != nil || err != nil {
		t.Errorf("sft gives %v, %v", e, err)
	}
	if e, err := FromSpec("expr:sum(-logp)"); err != nil || e.String() != "sum(-logp)" {
		t.Errorf("an expression gives %v, %v", e, err)
	}
	for name, want := range map[string]string{
		"":                     "is not a loss",
		"mean(-logp)":          "is not a loss",
		"expr:":                "expr: column 1: the expression is empty",
		"expr:mean(log(logp))": "is not finite",
	} {
		if _, err := FromSpec(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// TestNotFinite: what overflows is NaN with a zero derivative, so that the step is a no-op.
func TestNotFinite(t *testing.T) {
	e := registered(t, "mean(exp(-logp))")
	for name, logp := range map[string][]float64{
		"infinite": {-1, -701, -1}, "not a number": {math.NaN()}, "minus infinity": {math.Inf(-1), -1},
	} {
		grad := make([]float64, len(logp)) // [answer tokens]
		fill(grad, 7)
		if v := e.Sequence(logp, grad); !math.IsNaN(v) {
			t.Errorf("%s: loss %g", name, v)
		}
		for _, g := range grad {
			if g != 0 {
				t.Errorf("%s: derivative %g", name, g)
			}
		}
	}
	if v := e.Sequence([]float64{-1}, make([]float64, 1)); math.Abs(v-math.E) > 1e-15 {
		t.Errorf("afterwards the loss is %g", v)
	}
	if v := e.Sequence(nil, nil); v != 0 {
		t.Errorf("no tokens cost %g", v)
	}
}

func TestLengths(t *testing.T) {
	for _, text := range documented {
		e := registered(t, text)
		for _, n := range []int{1, 4096, 1, 3} {
			logp, grad := ramp(n), make([]float64, n)
			v := e.Sequence(logp, grad)
			if want := reference(e.tree, logp)[0]; !(math.Abs(v-want) <= 1e-10*math.Abs(want)) {
				t.Errorf("%s of %d tokens is %.17g, want %.17g", text, n, v, want)
			}
		}
	}
}

// ramp is n log-probabilities from -0.02 down to about -6, in an order that is not sorted.
func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = -0.02 - float64(float64(i*37%n)/float64(n)*6) // rounded, or some processors fuse it
	}
	return x
}

func TestNoAllocations(t *testing.T) {
	for _, text := range documented {
		e, logp, grad := registered(t, text), ramp(300), make([]float64, 300)
		e.Sequence(logp, grad)
		if n := testing.AllocsPerRun(20, func() { e.Sequence(logp, grad); e.Sequence(logp[:17], grad[:17]) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestClonesWorkAtTheSameTime(t *testing.T) {
	e, logp := registered(t, "mean(-(1-exp(logp))^2*logp)"), ramp(500)
	want := e.Sequence(logp, make([]float64, 500))
	var wg sync.WaitGroup
	for i := range 4 {
		c := e.Clone()
		wg.Go(func() {
			grad := make([]float64, 500)
			for range 20 {
				c.Sequence(logp[:100+i], grad[:100+i])
				if got := c.Sequence(logp, grad); got != want {
					t.Errorf("%g, want %g", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// TestDerivingIsRepeatable: the order of gorgonia's terms decides bits, so it must not change from one time to the next.
func TestDerivingIsRepeatable(t *testing.T) {
	text := "mean((logp+logp^2+exp(logp)-logp*t)*(logp-mean(logp)))+sum(logp)*mean(logp)/n"
	first, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		e, err := Parse(text)
		if err != nil || len(e.m.p.code) != len(first.m.p.code) {
			t.Fatal(err)
		}
		for i, in := range e.m.p.code {
			if in != first.m.p.code[i] {
				t.Fatalf("instruction %d is %+v, was %+v", i, in, first.m.p.code[i])
			}
		}
	}
}

func BenchmarkSequence(b *testing.B) {
	for _, text := range []string{"mean(-logp)", "mean(-(1-exp(logp))^2*logp)"} {
		b.Run(text, func(b *testing.B) {
			e, logp, grad := registered(b, text), ramp(256), make([]float64, 256)
			b.ReportAllocs()
			for b.Loop() {
				e.Sequence(logp, grad)
			}
		})
	}
}

func BenchmarkRegister(b *testing.B) {
	for b.Loop() {
		registered(b, "mean(-(1-exp(logp))^2*logp)")
	}
}
