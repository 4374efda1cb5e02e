package base

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/exact"
)

// TestUnusedTensorIsNamed: what the config does not announce must not be left out in silence.
func TestUnusedTensorIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, tiny.Base)
	e, err := exact.New(exact.F32, 1)
	if err != nil {
		t.Fatal(err)
	}
	load := func() error {
		b, err := Open(dir)
		if err != nil {
			return err
		}
		defer b.Close()
		_, err = b.Load(e, 0)
		return err
	}
	if err := load(); err != nil {
		t.Fatal(err)
	}
	cfg := filepath.Join(dir, ConfigFile)
	js, err := os.ReadFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	less := strings.Replace(string(js), `"num_hidden_layers": 4`, `"num_hidden_layers": 3`, 1)
	if err := os.WriteFile(cfg, []byte(less), 0o644); err != nil || less == string(js) {
		t.Fatal(err, "the tiny base has no four layers")
	}
	if err := load(); err == nil || !strings.Contains(err.Error(), "model.layers.3.") {
		t.Fatalf("a base with a layer too many was loaded: %v", err)
	}
}
