package data

import (
	"slices"
	"testing"
)

func epoch(o *Order, e, n int) (xs []int) {
	for i := range n {
		xs = append(xs, o.At(uint64(e*n+i)))
	}
	return xs
}

func TestEveryEpochIsAPermutation(t *testing.T) {
	const n = 37
	o := NewOrder(5, n)
	var all [][]int
	for e := range 4 {
		xs := epoch(o, e, n)
		for _, before := range all {
			if slices.Equal(before, xs) {
				t.Fatalf("epoch %d repeats another", e)
			}
		}
		all = append(all, xs)
		sorted := slices.Sorted(slices.Values(xs))
		for i, x := range sorted {
			if i != x {
				t.Fatalf("epoch %d: record %d is dealt twice or never", e, i)
			}
		}
	}
	if !slices.Equal(epoch(o, 1, n), all[1]) || !slices.Equal(epoch(NewOrder(5, n), 3, n), all[3]) {
		t.Fatal("the order depends on what was asked before")
	}
	if slices.Equal(epoch(NewOrder(6, n), 0, n), all[0]) {
		t.Fatal("two runs have the same order")
	}
}

// The order is part of the protocol: these numbers must never change.
func TestOrderOfRunOne(t *testing.T) {
	if got := epoch(NewOrder(1, 10), 0, 10); !slices.Equal(got, []int{4, 0, 9, 7, 8, 1, 6, 3, 5, 2}) {
		t.Fatal(got)
	}
	if got := epoch(NewOrder(1, 10), 2, 10); !slices.Equal(got, []int{5, 6, 7, 9, 4, 1, 2, 3, 8, 0}) {
		t.Fatal(got)
	}
	if got := NewOrder(1, 1).At(12); got != 0 {
		t.Fatal(got)
	}
}
