package base_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/trainer/base"
)

const stories = "../../../shared/data/stories260k"

// TestGGUFImportEqualsTheFolder imports a real file and compares with the same model in Hugging Face's form: every
// tensor's bits (queries and keys back in their rows), and ids of texts.
func TestGGUFImportEqualsTheFolder(t *testing.T) {
	file := filepath.Join(stories, "model-f32.gguf")
	if _, err := os.Stat(file); err != nil {
		t.Skip("shared data is absent: ", err)
	}
	dir := t.TempDir()
	if err := base.ImportGGUF(file, dir); err != nil {
		t.Fatal(err)
	}
	got, err := base.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	want, err := base.Open(stories)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if g, w := got.Config, want.Config; g.Hidden != w.Hidden || g.FF != w.FF || g.Layers != w.Layers ||
		g.Heads != w.Heads || g.KVHeads != w.KVHeads || g.Head != w.Head ||
		g.Vocab != w.Vocab || g.Eps != w.Eps || g.RopeTheta != w.RopeTheta || g.Tied != w.Tied || g.BOS != w.BOS {
		t.Fatalf("config %+v, want %+v", g, w)
	}
	names := []string{"model.embed_tokens.weight", "model.norm.weight"}
	for l := range want.Config.Layers {
		p := "model.layers." + string(rune('0'+l)) + "."
		for _, n := range []string{
			"input_layernorm", "post_attention_layernorm",
			"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
			"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
		} {
			names = append(names, p+n+".weight")
		}
	}
	for _, n := range names {
		x, xs, err := got.Tensor(n)
		if err != nil {
			t.Fatal(err)
		}
		y, ys, err := want.Tensor(n)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(xs, ys) || !slices.Equal(x, y) {
			t.Errorf("%s differs", n)
		}
	}
	for _, s := range []string{
		"", "Once upon a time, there was a little girl.", "  two  spaces", "\n\nLily said: \"Hi!\"", "naïve 🙂 <s> </s>", "a", " a",
	} {
		x, err := got.Tokenizer.Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		y, err := want.Tokenizer.Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x, y) {
			t.Errorf("%q: ids %v, want %v", s, x, y)
		}
		if g, w := got.Tokenizer.Decode(x, true), want.Tokenizer.Decode(y, true); g != w {
			t.Errorf("%q decodes to %q, want %q", s, g, w)
		}
	}
}

// TestTruncatedFilesAreNamed cuts each file of a base short and expects an error that names it.
func TestTruncatedFilesAreNamed(t *testing.T) {
	if _, err := os.Stat(stories); err != nil {
		t.Skip("shared data is absent: ", err)
	}
	for _, file := range []string{base.ConfigFile, base.WeightsFile, base.TokenizerFile, "tokenizer_config.json"} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(stories)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, file)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()/2); err != nil {
			t.Fatal(err)
		}
		if b, err := base.Open(dir); err == nil {
			b.Close()
			t.Errorf("%s cut in half was accepted", file)
		} else if !strings.Contains(err.Error(), file) {
			t.Errorf("%s cut in half: error %q does not name it", file, err)
		}
	}
	b, err := os.ReadFile(filepath.Join(stories, "model-f32.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 3, 200, len(b) / 2, len(b) - 1} {
		path := filepath.Join(t.TempDir(), "cut.gguf")
		if err := os.WriteFile(path, b[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		err := base.ImportGGUF(path, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), "truncated") || !strings.Contains(err.Error(), path) {
			t.Errorf("GGUF cut at byte %d: %v", n, err)
		}
	}
}
