package llm

import (
	"slices"
	"sync"
	"testing"

	"github.com/weftnet/weft/trainer/exact"
)

// TestWorksShareAModel trains, evaluates and generates on one model at once, as a demo's workers do; under the race
// detector it shows that the model is safe to share while the copies of its weights are made.
func TestWorksShareAModel(t *testing.T) {
	c := tiny()
	for _, budget := range []int64{0, 1 << 40, 1} {
		e, err := exact.New(exact.BFloat16, 2)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Load(c, randomWeights{c}, e, budget)
		if err != nil {
			t.Fatal(err)
		}
		ad, batch := randomAdapter(t, c, Projections), randomBatch(c, 30, 40)
		grads := make([][]float32, 3)
		var wg sync.WaitGroup
		for i := range grads {
			grads[i] = make([]float32, len(ad.Params))
			wg.Go(func() {
				if _, err := m.NewWork(2).Grad(grads[i], ad, nil, batch); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				w := m.NewWork(2)
				for range 3 {
					if _, err := w.Eval(ad, batch); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if !slices.Equal(grads[0], grads[1]) || !slices.Equal(grads[0], grads[2]) {
			t.Errorf("budget %d: works of one model have different gradients", budget)
		}
	}
}

// TestBatchGeneratesWhatEachWould: sequences that are written together do not change each other, greedily or sampled.
func TestBatchGeneratesWhatEachWould(t *testing.T) {
	m := randomModel(t, tiny(), exact.BFloat16, "", 2)
	prompts := [][]int32{{1, 2, 3}, {50}, {7, 7, 7, 7, 9}}
	batch, err := m.NewGenerator(nil, Sampling{}, 2, 3).GenerateBatch(prompts, 12, []int{5}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range prompts {
		alone, err := m.NewGenerator(nil, Sampling{}, 1, 1).Generate(p, 12, []int{5}, nil)
		if err != nil || !slices.Equal(alone, batch[i]) {
			t.Errorf("prompt %d: %v in a batch, %v alone (%v)", i, batch[i], alone, err)
		}
	}
	s := Sampling{Temperature: 1, TopK: 20, TopP: 0.9, Seed: 3}
	once, err := m.NewGenerator(nil, s, 2, 3).GenerateBatch(prompts, 12, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	fewer, err := m.NewGenerator(nil, s, 1, 2).GenerateBatch(prompts[:2], 12, nil, nil)
	if err != nil || !slices.Equal(once[0], fewer[0]) || !slices.Equal(once[1], fewer[1]) {
		t.Errorf("a third sequence changed what was sampled: %v, %v (%v)", once, fewer, err)
	}
}
