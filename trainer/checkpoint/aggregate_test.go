package checkpoint

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func deltas(t *rapid.T, n int) []Delta {
	var cs []Delta
	for i := range rapid.IntRange(1, 6).Draw(t, "trainers") {
		d := rapid.SliceOfN(rapid.Float32Range(-2, 2), n, n).Draw(t, "delta")
		d[0] = 1
		cs = append(cs, Delta{Trainer: string(rune('a' + i/2)), Slot: uint32(i % 2), Tokens: rapid.Uint64Range(1, 1000).Draw(t, "tokens"), Change: d})
	}
	return cs
}

func TestAggregateDoesNotDependOnArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 37
		p := rapid.SliceOfN(rapid.Float32Range(-1, 1), n, n).Draw(t, "p")
		m := rapid.SliceOfN(rapid.Float32Range(-1, 1), n, n).Draw(t, "m")
		cs := deltas(t, n)
		o := Outer{LR: 0.7, Momentum: 0.9, Nesterov: true, NormCap: 3}
		p1, m1, err := Aggregate(p, m, cs, o)
		if err != nil {
			t.Fatal(err)
		}
		perm := rapid.Permutation(cs).Draw(t, "order")
		p2, m2, err := Aggregate(p, m, perm, o)
		if err != nil || !slices.Equal(p1, p2) || !slices.Equal(m1, m2) {
			t.Fatalf("another order of arrival gives another checkpoint (%v)", err)
		}
	})
}

// TestNobodyOutweighsTheMedian checks the clip: a delta however long moves the mean no more than one of median length.
func TestNobodyOutweighsTheMedian(t *testing.T) {
	d := func(v float32) []float32 { return []float32{v, 0, 0, 0} }
	cs := []Delta{{"a", 0, 10, d(1)}, {"b", 0, 10, d(1)}, {"c", 0, 10, d(1e6)}}
	p, _, err := Aggregate(make([]float32, 4), make([]float32, 4), cs, Outer{LR: 1})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(float64(p[0])-1) > 1e-6 {
		t.Fatalf("mean is %g, want 1", p[0])
	}
}

func TestPlainMeanWithoutMomentum(t *testing.T) {
	cs := []Delta{{"a", 0, 30, []float32{1, 2}}, {"b", 0, 10, []float32{2, 1}}}
	p, m, err := Aggregate([]float32{10, 20}, []float32{0, 0}, cs, Outer{LR: 1})
	if err != nil {
		t.Fatal(err)
	}
	if p[0] != 11.25 || p[1] != 21.75 || m[0] != 1.25 || m[1] != 1.75 {
		t.Fatalf("got %v %v", p, m)
	}
}

func TestRefusals(t *testing.T) {
	ok := []float32{1, 1}
	for name, cs := range map[string][]Delta{
		"none":      nil,
		"twice":     {{"a", 0, 1, ok}, {"a", 0, 1, ok}},
		"no tokens": {{"a", 0, 0, ok}},
		"length":    {{"a", 0, 1, ok[:1]}},
		"zero":      {{"a", 0, 1, []float32{0, 0}}},
		"infinite":  {{"a", 0, 1, []float32{float32(math.Inf(1)), 0}}},
	} {
		if _, _, err := Aggregate(ok, ok, cs, Outer{LR: 1}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
