package base

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
)

// TestStoriesGreedy continues from the BOS as other programs do: the known text, character by character.
func TestStoriesGreedy(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "stories260k")
	want, err := os.ReadFile(filepath.Join(dir, "greedy.txt"))
	if err != nil {
		t.Skip("shared data is absent: ", err)
	}
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e, err := exact.New(exact.F32, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Load(e, 0)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := m.NewGenerator(nil, llm.Sampling{}, 0, 1).Generate([]int32{int32(b.Config.BOS)}, 100, b.Config.EOS, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Tokenizer.Decode(ids, true); !strings.HasPrefix(got, string(want)) {
		t.Fatalf("got %q, want it to begin with %q", got, want)
	}
}
