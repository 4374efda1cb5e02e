package llm_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// golden is one family's tiny base and what transformers and PEFT computed with it (testutil/families/README.md).
type golden struct {
	base *base.Base
	file *safetensors.File
}

// eachFamily runs a test for every folder of testutil/families.
func eachFamily(t *testing.T, test func(t *testing.T, g golden)) {
	dir := filepath.Join("..", "..", "testutil", "families", "testdata")
	folders, err := os.ReadDir(dir)
	if err != nil || len(folders) == 0 {
		t.Fatal("no families: ", err)
	}
	for _, f := range folders {
		t.Run(f.Name(), func(t *testing.T) {
			b, err := base.Open(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = b.Close() })
			file, err := safetensors.Open(filepath.Join(dir, f.Name(), "golden.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = file.Close() })
			test(t, golden{b, file})
		})
	}
}

func (g golden) floats(t *testing.T, name string) []float32 {
	t.Helper()
	x, err := g.file.Floats(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// sequences are the records, in the order of their tensors.
func (g golden) sequences(t *testing.T) (s []llm.Sequence) {
	t.Helper()
	for i := 0; ; i++ {
		if _, ok := g.file.Info(fmt.Sprintf("ids.%d", i)); !ok {
			return s
		}
		ids, err := g.file.Ints(fmt.Sprintf("ids.%d", i))
		if err != nil {
			t.Fatal(err)
		}
		marks, err := g.file.Ints(fmt.Sprintf("marks.%d", i))
		if err != nil {
			t.Fatal(err)
		}
		loss := make([]bool, len(marks))
		for j, m := range marks {
			loss[j] = m != 0
		}
		s = append(s, llm.Sequence{IDs: ids, Loss: loss})
	}
}

// adapter is the golden file's adapter.
func (g golden) adapter(t *testing.T) *lora.Adapter {
	t.Helper()
	ad, err := g.base.Config.NewAdapter(ckpt.AdapterSpec{Rank: 3, Alpha: 6, Targets: llm.Projections})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ad.Names() {
		lo, hi, _ := ad.Range(name)
		if n := copy(ad.Params[lo:hi], g.floats(t, "value."+name)); n != hi-lo {
			t.Fatalf("%s has %d elements, want %d", name, n, hi-lo)
		}
	}
	return ad
}

func (g golden) load(t *testing.T, c llm.Config, n exact.Numerics) *llm.Model {
	t.Helper()
	e, err := exact.New(n, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := llm.Load(c, g.base, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// logits are those of the bare base after every token of every sequence, and the golden ones. Tokens are decoded one by one.
func (g golden) logits(t *testing.T, m *llm.Model) (got, want []float32) {
	t.Helper()
	for i, s := range g.sequences(t) {
		want = append(want, g.floats(t, fmt.Sprintf("logits.%d", i))...)
		gen := m.NewGenerator(nil, llm.Sampling{}, 1, 1)
		for j := range s.IDs {
			l, err := gen.Extend(s.IDs[j : j+1])
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, l...)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d logits, want %d", len(got), len(want))
	}
	return got, want
}

// furthest is the largest difference of two elements, relative to the second where that exceeds 1.
func furthest(got, want []float32) (worst float64) {
	for i, w := range want {
		worst = max(worst, math.Abs(float64(got[i])-float64(w))/max(1, math.Abs(float64(w))))
	}
	return worst
}

// TestFamiliesLogits compares with transformers in float64.
func TestFamiliesLogits(t *testing.T) {
	eachFamily(t, func(t *testing.T, g golden) {
		off := furthest(g.logits(t, g.load(t, g.base.Config, exact.F32)))
		t.Logf("%s: the furthest logit is off by %.2g", exact.F32, off)
		if !(off <= 1e-5) {
			t.Errorf("%s: a logit is off by %g", exact.F32, off)
		}
		got, want := g.logits(t, g.load(t, g.base.Config, exact.BFloat16))
		off = distance(t, got, want)
		t.Logf("%s: logits are off by %.2g", exact.BFloat16, off)
		if !(off <= 0.02) {
			t.Errorf("%s: logits are off by %g", exact.BFloat16, off)
		}
	})
}

// TestFamiliesGradients compares the losses and the gradients of every factor with those of PEFT in float64.
func TestFamiliesGradients(t *testing.T) {
	eachFamily(t, func(t *testing.T, g golden) {
		for n, limit := range map[exact.Numerics]float64{exact.F32: 1e-5, exact.BFloat16: 0.06} {
			t.Run(fmt.Sprint(n), func(t *testing.T) { g.checkGradients(t, n, limit) })
		}
	})
}

func (g golden) checkGradients(t *testing.T, n exact.Numerics, limit float64) {
	ad, seqs := g.adapter(t), g.sequences(t)
	grad := make([]float32, len(ad.Params))
	loss, err := g.load(t, g.base.Config, n).NewWork(1).Grad(grad, ad, nil, seqs)
	if err != nil {
		t.Fatal(err)
	}
	if !loss.Finite {
		t.Fatal("the pass is not finite")
	}
	var want []float32
	for i := range seqs {
		want = append(want, g.floats(t, fmt.Sprintf("nll.%d", i))...)
	}
	if off := distance(t, loss.NLL, want); !(off <= limit) {
		t.Errorf("losses are off by %g", off)
	}
	worst := 0.0
	for _, name := range ad.Names() {
		lo, hi, _ := ad.Range(name)
		off := distance(t, grad[lo:hi], g.floats(t, "grad."+name))
		if worst = max(worst, off); !(off <= limit) {
			t.Errorf("%s: the gradient is off by %g, more than %g", name, off, limit)
		}
	}
	t.Logf("gradients are off by at most %.2g", worst)
}

// distance is |got-want|/|want| in the Euclidean norm.
func distance(t *testing.T, got, want []float32) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	var d, w float64
	for i := range got {
		e := float64(got[i]) - float64(want[i])
		d += e * e
		w += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(d / w)
}

// TestFamiliesFeaturesAreSeen leaves out each thing in which a family differs from the plain decoder: a golden file that
// agreed still would prove nothing about it.
func TestFamiliesFeaturesAreSeen(t *testing.T) {
	seen := map[string]bool{}
	eachFamily(t, func(t *testing.T, g golden) {
		for what, change := range map[string]func(c *llm.Config) bool{
			"linear":  func(c *llm.Config) bool { was := c.Rope.Type; c.Rope = llm.RopeScaling{}; return was == llm.RopeLinear },
			"llama3":  func(c *llm.Config) bool { was := c.Rope.Type; c.Rope = llm.RopeScaling{}; return was == llm.RopeLlama3 },
			"theta":   func(c *llm.Config) bool { c.RopeTheta *= 2; return true },
			"eps":     func(c *llm.Config) bool { c.Eps *= 100; return true },
			"bias":    func(c *llm.Config) bool { was := c.QKVBias; c.QKVBias = false; return was },
			"qk norm": func(c *llm.Config) bool { was := c.QKNorm; c.QKNorm = false; return was },
		} {
			c := g.base.Config
			if !change(&c) {
				continue
			}
			seen[what] = true
			if off := furthest(g.logits(t, g.load(t, c, exact.F32))); off < 1e-4 {
				t.Errorf("without the right %s, logits are off by %g only", what, off)
			}
		}
	})
	if len(seen) != 6 {
		t.Errorf("the families show %v only", seen)
	}
}
