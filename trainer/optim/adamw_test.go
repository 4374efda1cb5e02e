package optim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

var plain = AdamW{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1, Schedule: "constant"}

func adapter(t *testing.T, in int, freezeA int) *lora.Adapter {
	t.Helper()
	ad, err := lora.New(ckpt.AdapterSpec{Rank: 4, Alpha: 4, Targets: []string{"q_proj"}, FreezeA: freezeA}, []lora.Module{{Name: "q_proj", Out: in, In: in}})
	if err != nil {
		t.Fatal(err)
	}
	ad.Init([32]byte{1})
	return ad
}

func gradient(n int, seed uint64) []float32 {
	r, g := rand.New(rand.NewPCG(seed, 1)), make([]float32, n)
	for i := range g {
		g[i] = float32(r.NormFloat64())
	}
	return g
}

// Twenty steps agree with the published formulas in float64.
func TestStepsAgreeWithTheFormulas(t *testing.T) {
	c := plain
	c.WeightDecay, c.Warmup = 0.01, 5
	ad := adapter(t, 32, 0)
	n, s, tokens := len(ad.Params), NewMoments(len(ad.Params)), 7
	p, m, v := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, x := range ad.Params {
		p[i] = float64(x)
	}
	o := New(c)
	for step := range 20 {
		g := gradient(n, uint64(step))
		norm := 0.0
		for _, x := range g {
			norm += float64(x) * float64(x)
		}
		norm = math.Sqrt(norm) / float64(tokens)
		got, ok := o.Step(nil, ad, s, g, tokens, step)
		if !ok || math.Abs(got-norm) > 1e-9*norm {
			t.Fatalf("step %d: norm %g, want %g", step, got, norm)
		}
		for i, x := range g {
			gi := float64(x) / float64(tokens) * min(1, c.Clip/(norm+1e-6))
			m[i], v[i] = c.Beta1*m[i]+(1-c.Beta1)*gi, c.Beta2*v[i]+(1-c.Beta2)*gi*gi
			mh, vh := m[i]/(1-math.Pow(c.Beta1, float64(step+1))), v[i]/(1-math.Pow(c.Beta2, float64(step+1)))
			p[i] -= c.Rate(step) * (mh/(math.Sqrt(vh)+c.Eps) + c.WeightDecay*p[i])
		}
	}
	for i := range p {
		if math.Abs(float64(ad.Params[i])-p[i]) > 2e-6 {
			t.Fatalf("parameter %d is %g, want %g", i, ad.Params[i], p[i])
		}
	}
}

func TestStepsThatChangeNothing(t *testing.T) {
	ad := adapter(t, 16, 0)
	s, before := NewMoments(len(ad.Params)), slices.Clone(ad.Params)
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		g := gradient(len(ad.Params), 1)
		g[3] = bad
		if _, ok := New(plain).Step(nil, ad, s, g, 5, 0); ok {
			t.Fatalf("a gradient with %g was applied", bad)
		}
	}
	if _, ok := New(plain).Step(nil, ad, s, gradient(len(ad.Params), 1), 0, 0); ok {
		t.Fatal("a gradient of no tokens was applied")
	}
	if s.T != 0 || !slices.Equal(before, ad.Params) {
		t.Fatal("something has changed")
	}
}

func TestFrozenFactorsAreLeftAlone(t *testing.T) {
	ad := adapter(t, 16, 1)
	before, g := slices.Clone(ad.Params), gradient(len(ad.Params), 2)
	norm, _ := New(plain).Step(nil, ad, NewMoments(len(ad.Params)), g, 1, 0)
	want := 0.0
	for _, name := range ad.Names() {
		lo, hi, _ := ad.Range(name)
		if same := slices.Equal(before[lo:hi], ad.Params[lo:hi]); same != ad.Frozen(name) {
			t.Errorf("%s: unchanged %t", name, same)
		}
		for _, x := range g[lo:hi] {
			if !ad.Frozen(name) {
				want += float64(x) * float64(x)
			}
		}
	}
	if math.Abs(norm-math.Sqrt(want)) > 1e-9*norm {
		t.Errorf("norm %g counts frozen factors, want %g", norm, math.Sqrt(want))
	}
}

// Tensors may be updated in parallel: each element is what it would be alone, and nothing is allocated.
func TestParallelUpdateChangesNoBit(t *testing.T) {
	ad := adapter(t, 6000, 0)
	n := len(ad.Params)
	g, p, s := gradient(n, 3), slices.Clone(ad.Params), NewMoments(n)
	e, err := exact.New(exact.F32, 3)
	if err != nil {
		t.Fatal(err)
	}
	var task func(int)
	threaded, o := func(i int, _ *exact.Thread) { task(i) }, New(plain)
	run := func(n int, t func(int)) {
		task = t
		e.Run(n, threaded)
	}
	norm, _ := o.Step(run, ad, s, g, 9, 4)
	k := plain.constants(1, 4)
	k.gs = float32(min(1, plain.Clip/(norm+1e-6)) / 9)
	m, v := make([]float32, n), make([]float32, n)
	for i := range n {
		k.elements(p[i:i+1], m[i:i+1], v[i:i+1], g[i:i+1])
	}
	if !slices.Equal(p, ad.Params) || !slices.Equal(m, s.M) || !slices.Equal(v, s.V) {
		t.Fatal("bits differ")
	}
	if n := testing.AllocsPerRun(5, func() { o.Step(run, ad, s, g, 9, 4) }); n > 0 {
		t.Errorf("%v allocations per step", n)
	}
}

func TestRate(t *testing.T) {
	for _, x := range []struct {
		schedule     string
		step         int
		want, within float64
	}{
		{"constant", 0, 0.25, 0}, {"constant", 3, 1, 0}, {"constant", 400, 1, 0},
		{"linear", 2, 0.75, 0}, {"linear", 4, 1, 0}, {"linear", 9, 0.5, 1e-12}, {"linear", 14, 0, 0}, {"linear", 99, 0, 0},
		{"cosine", 4, 1, 0}, {"cosine", 9, 0.5, 1e-9}, {"cosine", 14, 0, 1e-9}, {"cosine", 99, 0, 1e-9},
	} {
		c := AdamW{LR: 1, Warmup: 4, Schedule: x.schedule, Total: 14}
		if got := c.Rate(x.step); math.Abs(got-x.want) > x.within {
			t.Errorf("%s at step %d: %g, want %g", x.schedule, x.step, got, x.want)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := plain.Validate(); err != nil {
		t.Fatal(err)
	}
	for i, change := range []func(c *AdamW){
		func(c *AdamW) { c.LR = 0 }, func(c *AdamW) { c.LR = math.NaN() }, func(c *AdamW) { c.Beta1 = 1 }, func(c *AdamW) { c.Beta2 = -0.1 },
		func(c *AdamW) { c.Eps = 0 }, func(c *AdamW) { c.Clip = -1 }, func(c *AdamW) { c.Schedule = "step" },
	} {
		c := plain
		change(&c)
		if c.Validate() == nil {
			t.Errorf("change %d: accepted", i)
		}
	}
}
