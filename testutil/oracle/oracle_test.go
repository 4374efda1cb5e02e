package oracle_test

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/testutil/oracle"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// bound is the relative L2 difference that float32 arithmetic may leave in the gradient of any factor.
const bound = 5e-6

// noise is a base of seeded random numbers whose outputs have about unit variance.
type noise struct{ c llm.Config }

func (n noise) Tensor(name string) ([]float32, []int, error) {
	seed := sha256.Sum256([]byte(name))
	g := &exact.Gen{State: binary.LittleEndian.Uint64(seed[:])}
	uniform := func() float32 { return float32(g.Next()>>40)/(1<<23) - 1 }
	if strings.Contains(name, "norm") {
		x := make([]float32, n.c.Hidden)
		for i := range x {
			x[i] = 1 + uniform()/3
		}
		return x, []int{len(x)}, nil
	}
	out, in := n.c.Vocab, n.c.Hidden
	for _, p := range llm.Projections {
		if strings.Contains(name, p) {
			out, in = n.c.Dims(p)
		}
	}
	x := make([]float32, out*in)
	for i := range x {
		x[i] = uniform() * float32(math.Sqrt(3/float64(in)))
	}
	return x, []int{out, in}, nil
}

// smol has SmolLM2's widths: 576 is also beyond the widths at which gorgonia's slices go wrong.
func smol(layers int, tied bool) llm.Config {
	return llm.Config{Layers: layers, Hidden: 576, FF: 1536, Heads: 9, KVHeads: 3, Head: 64, Vocab: 1000, MaxPositions: 64, Eps: 1e-5,
		RopeTheta: 10000, Tied: tied}
}

func sequence(c llm.Config, n int) llm.Sequence {
	g, q := &exact.Gen{State: 8}, llm.Sequence{}
	for i := range n {
		q.IDs, q.Loss = append(q.IDs, int32(g.Next()%uint64(c.Vocab))), append(q.Loss, i >= n/2)
	}
	return q
}

func adapter(t *testing.T, c llm.Config, targets []string) *lora.Adapter {
	t.Helper()
	ad, err := c.NewAdapter(ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	ad.Init([32]byte{2})
	g := &exact.Gen{State: 6}
	for i, v := range ad.Params {
		if v == 0 { // B
			ad.Params[i] = (float32(g.Next()>>40)/(1<<23) - 1) / 20
		}
	}
	return ad
}

// both are the gradients of one sequence by trainer/llm and by the oracle, whose losses must agree.
func both(t *testing.T, c llm.Config, ad *lora.Adapter) (got []float32, want []float64) {
	t.Helper()
	e, err := exact.New(exact.F32, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := llm.Load(c, noise{c}, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	q := sequence(c, 33)
	got = make([]float32, len(ad.Params))
	l, err := m.NewWork(0).Grad(got, ad, nil, []llm.Sequence{q})
	if err != nil || !l.Finite {
		t.Fatal(err, l.Finite)
	}
	loss, want, err := oracle.Grad(c, noise{c}, ad, q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := math.Abs(l.Sum()-loss) / loss; diff > 1e-6 {
		t.Fatalf("loss %.9g, the oracle says %.9g", l.Sum(), loss)
	}
	return got, want
}

func TestGradientsAgreeWithGorgonia(t *testing.T) {
	for name, k := range map[string]struct {
		c       llm.Config
		targets []string
	}{
		"two layers, tied head":                 {smol(2, true), llm.Projections},
		"one layer, own head, some projections": {smol(1, false), []string{"k_proj", "o_proj", "up_proj"}},
	} {
		t.Run(name, func(t *testing.T) {
			ad := adapter(t, k.c, k.targets)
			got, want := both(t, k.c, ad)
			worst := 0.0
			for tensor, diff := range oracle.Differences(ad, got, want) {
				if worst = max(worst, diff); diff > bound {
					t.Errorf("%s: relative difference %.3g", tensor, diff)
				}
			}
			t.Logf("worst relative difference of %d tensors: %.3g", len(ad.Names()), worst)
		})
	}
}

// TestComparisonCatchesWrongGradients alters one tensor of a right gradient in ways in which backward passes go wrong.
func TestComparisonCatchesWrongGradients(t *testing.T) {
	c := smol(1, true)
	ad := adapter(t, c, llm.Projections)
	right, want := both(t, c, ad)
	mutants := map[string]func(g []float32, cols int){
		"sign":            func(g []float32, _ int) { each(g, func(v float32) float32 { return -v }) },
		"scale 1.0001":    func(g []float32, _ int) { each(g, func(v float32) float32 { return v * 1.0001 }) },
		"alpha forgotten": func(g []float32, _ int) { each(g, func(v float32) float32 { return v / 2 }) },
		"zero":            func(g []float32, _ int) { clear(g) },
		"not added up":    func(g []float32, cols int) { clear(g[:cols]) },
		"rows exchanged": func(g []float32, cols int) {
			for i := range cols {
				g[i], g[cols+i] = g[cols+i], g[i]
			}
		},
		"bfloat16": func(g []float32, _ int) { each(g, exact.BF16) },
	}
	for _, name := range ad.Names() {
		lo, hi, _ := ad.Range(name)
		cols := ad.Tensor(name).Shape()[1]
		for what, mutate := range mutants {
			g := slices.Clone(right)
			mutate(g[lo:hi], cols)
			for other, diff := range oracle.Differences(ad, g, want) {
				if wrong := diff > bound; wrong != (other == name) {
					t.Errorf("mutant %q of %s: %s differs by %.3g", what, name, other, diff)
				}
			}
		}
	}
}

func each(g []float32, f func(float32) float32) {
	for i, v := range g {
		g[i] = f(v)
	}
}
