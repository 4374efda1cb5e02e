package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const shared = "../../../shared/data"

func TestGolden(t *testing.T) {
	for _, name := range []string{"gpt2", "smol", "qwen3"} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(shared, "golden", name+".json"))
			if err != nil {
				t.Skip("shared data is absent: ", err)
			}
			var golden []struct {
				Text string  `json:"text"`
				IDs  []int32 `json:"ids"`
			}
			if err := json.Unmarshal(b, &golden); err != nil {
				t.Fatal(err)
			}
			tok, err := Load(filepath.Join(shared, "tokenizers", name, "tokenizer.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range golden {
				got, err := tok.Encode(g.Text)
				if err != nil || !slices.Equal(got, g.IDs) {
					t.Errorf("%q: %v (%v), want %v", g.Text, got, err, g.IDs)
				}
			}
		})
	}
}
