package main

import (
	"bytes"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/tokenizer"
)

func smallNet(t *testing.T) *net {
	t.Helper()
	e, err := exact.New(exact.F32, 2)
	if err != nil {
		t.Fatal(err)
	}
	c := llm.Config{Layers: 2, Hidden: 32, FF: 48, Heads: 4, KVHeads: 2, Head: 8, Vocab: 61, MaxPositions: 64, Eps: 1e-5, RopeTheta: 10000}
	return newNet(c, e, &exact.Gen{State: 3})
}

func smallWindows(vocab int) [][]int32 {
	g, ws := &exact.Gen{State: 5}, make([][]int32, 3)
	for i := range ws {
		for range 9 + 7*i {
			ws[i] = append(ws[i], int32(g.Next()%uint64(vocab)))
		}
	}
	return ws
}

// TestGradientMatchesFiniteDifferences checks every tensor along its own gradient.
func TestGradientMatchesFiniteDifferences(t *testing.T) {
	n := smallNet(t)
	ws := smallWindows(n.c.Vocab)
	n.step(ws)
	var grads [][]float32
	for _, p := range n.all {
		grads = append(grads, slices.Clone(p.g))
	}
	for i, p := range n.all {
		g, w := grads[i], slices.Clone(p.w)
		norm := 0.0
		for _, v := range g {
			norm += float64(v) * float64(v)
		}
		norm = math.Sqrt(norm)
		h := min(0.02, 0.3/norm)
		at := func(sign float64) float64 {
			for j := range w {
				n.all[i].w[j] = w[j] + float32(sign*h*float64(g[j])/norm)
			}
			n.prepare()
			n.forward(ws)
			return n.loss(false)
		}
		got := (at(1) - at(-1)) / (2 * h)
		copy(p.w, w)
		if math.Abs(got-norm) > 0.01*norm || norm == 0 {
			t.Errorf("%s: gradient norm %g, finite difference along it %g", p.name, norm, got)
		}
	}
}

// TestTrainingIsDeterministic trains twice, with other kernels and threads, and compares the weights' bits.
func TestTrainingIsDeterministic(t *testing.T) {
	weights := func(kernel string, threads int) []float32 {
		n := smallNet(t)
		e, err := exact.NewNamed(exact.F32, threads, kernel)
		if err != nil {
			t.Fatal(err)
		}
		n.e, n.attn = e, exact.NewAttention(e, n.heads())
		for step := range 3 {
			_, tokens := n.step(smallWindows(n.c.Vocab))
			n.update(step, 3, tokens)
		}
		var all []float32
		for _, p := range n.all {
			all = append(all, p.w...)
		}
		return all
	}
	if !slices.Equal(weights("", 2), weights("go", 1)) {
		t.Fatal("the weights depend on the kernel or the threads")
	}
}

func TestVocabularyCoversTheText(t *testing.T) {
	file, size, err := vocabulary(&exact.Gen{State: seed})
	if err != nil || size != vocabSize {
		t.Fatal(size, err)
	}
	tok, err := tokenizer.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{" 12", " apples", " Tom", "How", "We", "<|im_end|>"} {
		if ids, err := tok.Encode(s); err != nil || len(ids) != 1 {
			t.Errorf("%q is %d tokens (%v), should be one", s, len(ids), err)
		}
	}
	for _, s := range []string{"Größe ≠ 7\t\n", document(&exact.Gen{State: 1})} {
		ids, err := tok.Encode(s)
		if err != nil || tok.Decode(ids, false) != s {
			t.Errorf("%q does not survive encoding: %q %v", s, tok.Decode(ids, false), err)
		}
	}
}

// TestFilesAreCurrent checks that the files of package tiny that are quick to make are what the recipe makes now.
func TestFilesAreCurrent(t *testing.T) {
	tok, vocab, err := vocabulary(&exact.Gen{State: seed})
	if err != nil {
		t.Fatal(err)
	}
	config, err := (&net{c: shape(vocab)}).configFile()
	if err != nil {
		t.Fatal(err)
	}
	train, eval, err := task(&exact.Gen{State: taskSeed}, trainRecs, evalRecs)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"base/tokenizer.json": tok, "base/config.json": config, tiny.Train: train, tiny.Eval: eval} {
		if got, err := fs.ReadFile(tiny.FS(), name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the recipe makes (%v): run make tiny", name, err)
		}
	}
}

func TestTaskRecordsAreDistinct(t *testing.T) {
	train, eval, err := task(&exact.Gen{State: taskSeed}, trainRecs, evalRecs)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range strings.Split(strings.TrimSpace(string(train)+string(eval)), "\n") {
		if seen[l] {
			t.Fatalf("record twice: %s", l)
		}
		seen[l] = true
	}
	if len(seen) != trainRecs+evalRecs {
		t.Fatal(len(seen))
	}
}
