package llm

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/exact"
)

const stories = "../../../shared/data/stories260k"

func loadStories(t testing.TB, n exact.Numerics, kernel string) *Model {
	t.Helper()
	cfg, err := os.ReadFile(filepath.Join(stories, "config.json"))
	if err != nil {
		t.Skip("shared data is absent: ", err)
	}
	c, err := ParseConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(filepath.Join(stories, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := exact.NewNamed(n, 2, kernel)
	if err != nil {
		t.Skip(err)
	}
	m, err := Load(c, f, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestStoriesTop5(t *testing.T) {
	m := loadStories(t, exact.F32, "")
	var ref struct {
		IDs  []int32      `json:"ids"`
		Top5 [][2]float64 `json:"top5_llama_cpp"`
	}
	b, err := os.ReadFile(filepath.Join(stories, "top5.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	g := m.NewGenerator(nil, Sampling{}, 0, 1)
	l, err := g.Extend(ref.IDs)
	if err != nil {
		t.Fatal(err)
	}
	p := g.Probs(l)
	for _, e := range ref.Top5 {
		if d := math.Abs(float64(p[int(e[0])]) - e[1]); d > 1e-5 {
			t.Errorf("token %d: probability %g, llama.cpp gives %g", int(e[0]), p[int(e[0])], e[1])
		}
	}
}
