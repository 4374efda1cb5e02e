package lora

import (
	"math"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt"
)

var modules = []Module{{"layers.1.q_proj", 6, 4}, {"layers.0.q_proj", 6, 4}, {"layers.0.v_proj", 2, 4}}

func adapter(t *testing.T, freezeA int) *Adapter {
	t.Helper()
	a, err := New(ckpt.AdapterSpec{Rank: 3, Alpha: 6, Targets: []string{"q_proj", "v_proj"}, FreezeA: freezeA}, modules)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParametersAreInTheOrderOfNames(t *testing.T) {
	a, next := adapter(t, 0), 0
	if !slices.IsSorted(a.Names()) || len(a.Names()) != 2*len(modules) {
		t.Fatal(a.Names())
	}
	for _, n := range a.Names() {
		lo, hi, ok := a.Range(n)
		if !ok || lo != next || hi-lo != a.Tensor(n).Shape().TotalSize() {
			t.Fatalf("%s has [%d,%d), want it to start at %d", n, lo, hi, next)
		}
		next = hi
		a.Params[lo] = 7
		if a.Tensor(n).Data().([]float32)[0] != 7 {
			t.Fatalf("%s is not a view of the parameters", n)
		}
	}
	if next != len(a.Params) || a.Spec.Scale() != 2 {
		t.Fatal(next, a.Spec.Scale())
	}
	if _, _, ok := a.Range("x"); ok || a.Tensor("x") != nil {
		t.Fatal("a tensor of no name")
	}
}

func TestCloneHasItsOwnParameters(t *testing.T) {
	a := adapter(t, 0)
	a.Init([32]byte{1})
	c := a.Clone()
	if !slices.Equal(a.Params, c.Params) {
		t.Fatal("the clone differs")
	}
	name := c.Names()[0]
	c.Tensor(name).Data().([]float32)[0] = 9
	if lo, _, _ := c.Range(name); c.Params[lo] != 9 || a.Params[lo] == 9 {
		t.Fatal("the clone shares parameters, or its tensors are no views of them")
	}
}

func TestInit(t *testing.T) {
	a, b, other := adapter(t, 0), adapter(t, 1), adapter(t, 0)
	a.Init([32]byte{1})
	b.Init([32]byte{1})
	other.Init([32]byte{2})
	if !slices.Equal(a.Params, b.Params) || slices.Equal(a.Params, other.Params) {
		t.Fatal("the draw is not a function of the seed")
	}
	seen := map[float32]bool{}
	for _, n := range a.Names() {
		lo, hi, _ := a.Range(n)
		for _, v := range a.Params[lo:hi] {
			isA := n[len(n)-len(SuffixA):] == SuffixA
			switch {
			case !isA && v != 0:
				t.Fatalf("%s starts at %g, want 0", n, v)
			case isA && math.Abs(float64(v)) > 0.5: // 1/sqrt(4)
				t.Fatalf("%s: %g is beyond the bound", n, v)
			case isA && seen[v]:
				t.Fatalf("%s: %g was drawn twice", n, v)
			}
			seen[v] = isA
		}
		if b.Frozen(n) != (n[len(n)-len(SuffixA):] == SuffixA) || a.Frozen(n) {
			t.Fatalf("%s: frozen %t", n, b.Frozen(n))
		}
	}
}

func TestSpecsThatCannotBe(t *testing.T) {
	for _, s := range []ckpt.AdapterSpec{{Rank: 0, Alpha: 1}, {Rank: 1025, Alpha: 1}, {Rank: 4, Alpha: 0}} {
		if _, err := New(s, modules); err == nil {
			t.Errorf("%+v: accepted", s)
		}
	}
	if _, err := New(ckpt.AdapterSpec{Rank: 4, Alpha: 4}, nil); err == nil {
		t.Error("an adapter of nothing: accepted")
	}
}
