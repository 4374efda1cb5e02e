package llm

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
)

// randomWeights is a base of random numbers in memory, small in scale.
type randomWeights struct{ c Config }

func (r randomWeights) Tensor(name string) ([]float32, []int, error) {
	h := sha256.Sum256([]byte(name))
	g := &exact.Gen{State: binary.LittleEndian.Uint64(h[:])}
	c := r.c
	shape := []int{c.Hidden}
	switch {
	case strings.HasSuffix(name, ".bias"):
		out, _ := c.Dims(name[strings.LastIndex(name[:len(name)-5], ".")+1 : len(name)-5])
		shape = []int{out}
	case strings.Contains(name, "q_norm") || strings.Contains(name, "k_norm"):
		shape = []int{c.Head}
	case strings.Contains(name, "embed") || strings.Contains(name, "lm_head"):
		shape = []int{c.Vocab, c.Hidden}
	case strings.Contains(name, "proj"):
		out, in := c.Dims(name[strings.LastIndex(name[:len(name)-7], ".")+1 : len(name)-7])
		shape = []int{out, in}
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]float32, n)
	for i := range x {
		u := float32(g.Next()>>40)/(1<<23) - 1
		if len(shape) == 1 {
			x[i] = 1 + u/4
		} else {
			x[i] = u * 3 / float32(math.Sqrt(float64(shape[1])))
		}
	}
	return x, shape, nil
}

func tiny() Config {
	return Config{Layers: 2, Hidden: 48, FF: 72, Heads: 6, KVHeads: 2, Head: 8, Vocab: 101, MaxPositions: 64, Eps: 1e-5, RopeTheta: 10000, BOS: -1}
}

func randomModel(t testing.TB, c Config, n exact.Numerics, kernel string, threads int) *Model {
	t.Helper()
	e, err := exact.NewNamed(n, threads, kernel)
	if err != nil {
		t.Skip(err)
	}
	m, err := Load(c, randomWeights{c}, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func randomBatch(c Config, lens ...int) []Sequence {
	g := &exact.Gen{State: 77}
	var b []Sequence
	for _, n := range lens {
		s := Sequence{IDs: make([]int32, n), Loss: make([]bool, n)}
		for i := range n {
			s.IDs[i] = int32(g.Next() % uint64(c.Vocab))
			s.Loss[i] = i > n/3 && i < n-1
		}
		b = append(b, s)
	}
	return b
}

func randomAdapter(t testing.TB, c Config, targets []string) *lora.Adapter {
	t.Helper()
	ad, err := c.NewAdapter(ckpt.AdapterSpec{Rank: 3, Alpha: 6, Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	fill(ad)
	return ad
}

// fill sets both factors of every projection to random numbers.
func fill(ad *lora.Adapter) {
	ad.Init([32]byte{1})
	g := &exact.Gen{State: 4}
	for i := range ad.Params {
		if ad.Params[i] == 0 {
			ad.Params[i] = (float32(g.Next()>>40)/(1<<23) - 1) / 10
		}
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// TestGradientMatchesFiniteDifferences checks every tensor of every projection, for all targets and for a subset,
// along the gradient's own direction in that tensor (central differences in float64 of float32 losses).
func TestGradientMatchesFiniteDifferences(t *testing.T) {
	c := tiny()
	m := randomModel(t, c, exact.F32, "", 2)
	for _, targets := range [][]string{Projections, {"v_proj", "down_proj"}} {
		ad := randomAdapter(t, c, targets)
		batch := randomBatch(c, 9, 17, 2)
		w := m.NewWork(0)
		grad := make([]float32, len(ad.Params))
		if _, err := w.Grad(grad, ad, nil, batch); err != nil {
			t.Fatal(err)
		}
		for _, name := range ad.Names() {
			lo, hi, _ := ad.Range(name)
			norm := 0.0
			for _, g := range grad[lo:hi] {
				norm += float64(g) * float64(g)
			}
			norm = math.Sqrt(norm)
			h := 0.02 / math.Sqrt(float64(hi-lo))
			loss := func(sign float64) float64 {
				p := ad.Clone()
				for i := lo; i < hi; i++ {
					p.Params[i] += float32(sign * h * float64(grad[i]) / norm)
				}
				l, err := w.Eval(p, batch)
				if err != nil {
					t.Fatal(err)
				}
				return l.Sum()
			}
			got := (loss(1) - loss(-1)) / (2 * h)
			if e := math.Abs(got-norm) / norm; e > 0.02 || norm == 0 {
				t.Errorf("%s: gradient norm %g, finite difference along it %g", name, norm, got)
			}
		}
	}
}

// train takes three steps and returns the parameters' bits.
func train(t testing.TB, m *Model, threads int, split bool) []float32 {
	t.Helper()
	ad := randomAdapter(t, m.Config, Projections)
	w := m.NewWork(threads)
	opt := optim.New(optim.AdamW{LR: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1, Schedule: "constant"})
	st := optim.NewMoments(len(ad.Params))
	for step := range 3 {
		grad := make([]float32, len(ad.Params))
		batch := randomBatch(m.Config, 9+step, 31, 33, 5)
		parts := [][]Sequence{batch}
		if split {
			parts = [][]Sequence{batch[:1], batch[1:3], batch[3:]}
		}
		tokens := 0
		for _, p := range parts {
			l, err := w.Grad(grad, ad, nil, p)
			if err != nil || !l.Finite {
				t.Fatal(err, l.Finite)
			}
			tokens += len(l.NLL)
		}
		if _, ok := opt.Step(w.Run, ad, st, grad, tokens, step); !ok {
			t.Fatal("step was a no-op")
		}
	}
	return ad.Params
}

// TestTrainingBitsDoNotDependOn the kernel, the number of threads, or how a step's sequences are batched.
func TestTrainingBitsDoNotDependOn(t *testing.T) {
	for _, n := range []exact.Numerics{exact.F32, exact.BFloat16} {
		want := train(t, randomModel(t, tiny(), n, "go", 1), 1, false)
		for _, k := range []string{"avx512bf16", "avx512", "avx2", "go"} {
			if k == "avx512bf16" && n == exact.F32 {
				continue
			}
			for _, threads := range []int{1, 2, 7} {
				for _, split := range []bool{false, true} {
					t.Run(string(n)+"/"+k, func(t *testing.T) {
						got := train(t, randomModel(t, tiny(), n, k, threads), threads, split)
						if !slices.Equal(got, want) {
							t.Fatalf("%s %s threads %d split %v: parameters differ", n, k, threads, split)
						}
					})
				}
			}
		}
	}
}

func TestCachedDecodingEqualsWholeForward(t *testing.T) {
	for _, n := range []exact.Numerics{exact.F32, exact.BFloat16} {
		m := randomModel(t, tiny(), n, "", 2)
		ad := randomAdapter(t, m.Config, Projections)
		ids := randomBatch(m.Config, 40)[0].IDs
		a, b := m.NewGenerator(ad, Sampling{}, 0, 1), m.NewGenerator(ad, Sampling{}, 0, 1)
		whole, err := a.Extend(ids)
		if err != nil {
			t.Fatal(err)
		}
		var last []float32
		for _, part := range [][]int32{ids[:7], ids[7:8], ids[8:20], ids[20:]} {
			if last, err = b.Extend(part); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(whole, last) {
			t.Fatalf("%s: cached logits differ", n)
		}
	}
}

func TestOverflowIsReported(t *testing.T) {
	m := randomModel(t, tiny(), exact.BFloat16, "", 1)
	ad := randomAdapter(t, m.Config, Projections)
	for i := range ad.Params {
		ad.Params[i] = 1e30
	}
	l, err := m.NewWork(1).Eval(ad, randomBatch(m.Config, 9))
	if err != nil || l.Finite {
		t.Fatalf("an overflow went unnoticed: %v %v", l.Finite, err)
	}
}
