package llm

import (
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
)

// shape turns numbers into a small decoder, an adapter and a batch.
func shape(layers, heads, group, head, hidden, ff, vocab, rank, targets, flags uint8, lens []byte) (Config, ckpt.AdapterSpec, []Sequence) {
	kv := 1 + int(heads%4)
	c := Config{Layers: 1 + int(layers%2), KVHeads: kv, Heads: kv * (1 + int(group%3)), Head: 2 * (1 + int(head%20)), Hidden: 1 + int(hidden%70),
		FF: 1 + int(ff%90), Vocab: 2 + int(vocab), MaxPositions: 64, Eps: 1e-5, RopeTheta: 10000, BOS: -1,
		Tied: flags&1 != 0, QKNorm: flags&2 != 0, QKVBias: flags&4 != 0}
	s := ckpt.AdapterSpec{Rank: 1 + int(rank%64), Alpha: 3, FreezeA: int(flags >> 3 & 1)}
	for i, p := range Projections {
		if targets>>i&1 != 0 {
			s.Targets = append(s.Targets, p)
		}
	}
	if len(s.Targets) == 0 {
		s.Targets = Projections[:1]
	}
	var ns []int
	for _, n := range lens[:min(len(lens), 4)] {
		ns = append(ns, 1+int(n%40))
	}
	b := randomBatch(c, ns...)
	for i := range b {
		for j := range b[i].Loss {
			b[i].Loss[j] = (i+j)%3 != 0
		}
	}
	return c, s, b
}

// FuzzEnginesAgree takes a step of any shape with every kernel, several numbers of threads and little memory, and
// compares losses and gradients bit by bit.
func FuzzEnginesAgree(f *testing.F) {
	f.Add(uint8(0), uint8(0), uint8(0), uint8(0), uint8(0), uint8(0), uint8(0), uint8(0), uint8(1), uint8(0), []byte{1})
	f.Add(uint8(1), uint8(2), uint8(2), uint8(3), uint8(46), uint8(70), uint8(99), uint8(2), uint8(127), uint8(1), []byte{8, 30, 0, 16})
	f.Add(uint8(1), uint8(1), uint8(1), uint8(7), uint8(31), uint8(16), uint8(14), uint8(63), uint8(85), uint8(2), []byte{39, 1})
	f.Add(uint8(1), uint8(0), uint8(2), uint8(12), uint8(32), uint8(33), uint8(30), uint8(16), uint8(42), uint8(12), []byte{17, 33, 2})
	f.Add(uint8(0), uint8(3), uint8(0), uint8(19), uint8(69), uint8(89), uint8(255), uint8(32), uint8(127), uint8(6), []byte{12, 13, 24, 25})
	f.Fuzz(func(t *testing.T, layers, heads, group, head, hidden, ff, vocab, rank, targets, flags uint8, lens []byte) {
		c, spec, batch := shape(layers, heads, group, head, hidden, ff, vocab, rank, targets, flags, lens)
		for _, n := range []exact.Numerics{exact.F32, exact.BFloat16} {
			var want, losses []float32
			for i, k := range []string{"go", "avx2", "avx512", "avx512bf16"} {
				e, err := exact.NewNamed(n, []int{1, 3, 2, 7}[i], k)
				if err != nil {
					continue // this processor, or these numerics, do not have it
				}
				before := e.Calls()
				m, err := Load(c, randomWeights{c}, e, []int64{0, 1, 0, 1 << 40}[i])
				if err != nil {
					t.Fatal(err)
				}
				ad, err := c.NewAdapter(spec)
				if err != nil {
					t.Fatal(err)
				}
				fill(ad)
				grad := make([]float32, len(ad.Params))
				l, err := m.NewWork(0).Grad(grad, ad, nil, batch)
				if err != nil {
					t.Fatal(err)
				}
				if len(l.NLL) > 0 && e.Calls() == before {
					t.Fatalf("%s: kernel %s did not run", n, k)
				}
				if want == nil {
					want, losses = grad, slices.Clone(l.NLL)
				}
				if !sameBits(want, grad) || !sameBits(losses, l.NLL) {
					t.Fatalf("%s %s: %+v rank %d %v: other bits than the definition's", n, k, c, spec.Rank, spec.Targets)
				}
			}
		}
	})
}

// TestAStepAllocatesNothing once its buffers have grown, whatever is recomputed.
func TestAStepAllocatesNothing(t *testing.T) {
	for _, budget := range []int64{0, 1} {
		for _, threads := range []int{1, 2} {
			c := tiny()
			e, err := exact.New(exact.BFloat16, threads)
			if err != nil {
				t.Fatal(err)
			}
			m, err := Load(c, randomWeights{c}, e, budget)
			if err != nil {
				t.Fatal(err)
			}
			ad, w, batch := randomAdapter(t, c, Projections), m.NewWork(0), randomBatch(c, 9, 40, 33)
			grad := make([]float32, len(ad.Params))
			step := func() {
				if _, err := w.Grad(grad, ad, nil, batch); err != nil {
					t.Fatal(err)
				}
			}
			for range 5 {
				step() // threads take tasks by chance: every one of them must have grown
			}
			if n := testing.AllocsPerRun(20, step); n > 0 {
				t.Errorf("budget %d, %d threads: %v allocations per step", budget, threads, n)
			}
		}
	}
}

// TestMemoryPlan checks that less memory means fewer kept layers and fewer copies, down to none.
func TestMemoryPlan(t *testing.T) {
	c := smol
	c.Layers, c.Vocab = 6, 1000
	batch := randomBatch(c, 200, 250)
	kept := func(budget int64) (int, int64) {
		e, err := exact.New(exact.BFloat16, 1)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Load(c, randomWeights{c}, e, budget)
		if err != nil {
			t.Fatal(err)
		}
		w := m.NewWork(0)
		w.Use(randomAdapter(t, c, Projections))
		w.begin(batch)
		w.plan()
		return w.kept, m.copyBytes()
	}
	all, copies := kept(0)
	if all != c.Layers || copies == 0 {
		t.Fatalf("without a bound %d layers and %d bytes of copies", all, copies)
	}
	last, lastCopies := c.Layers+1, int64(1)<<60
	for budget := int64(400 << 20); budget > 0; budget -= 20 << 20 {
		k, b := kept(budget)
		if k > last || b > lastCopies {
			t.Fatalf("%d bytes keep %d layers and %d bytes of copies, more memory kept %d and %d", budget, k, b, last, lastCopies)
		}
		last, lastCopies = k, b
	}
	if last != 0 || lastCopies != 0 {
		t.Errorf("hardly any memory keeps %d layers and %d bytes of copies", last, lastCopies)
	}
}
