package safetensors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDamagedFilesAreNamed checks that every kind of damage gives an error that says what is wrong.
func TestDamagedFilesAreNamed(t *testing.T) {
	whole := sample(t)
	head := func(h string) []byte { return file(h, make([]byte, 8)) }
	for name, k := range map[string]struct {
		file []byte
		want string
	}{
		"empty":             {nil, "truncated"},
		"cut in the length": {whole[:5], "truncated"},
		"cut in the header": {whole[:40], "truncated"},
		"cut in the data":   {whole[:len(whole)-3], "truncated"},
		"bytes behind":      {append(whole[:len(whole):len(whole)], 0), "tensors end at byte"},
		"not a header":      {[]byte("GGUF\x03\x00\x00\x00 and more"), "is not safetensors"},
		"broken JSON":       {head(`{"a":`), "header"},
		"gap":               {head(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`), "gap or overlap"},
		"overlap": {head(`{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`),
			"gap or overlap"},
		"backwards":          {head(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[8,4]}}`), `"a"`},
		"shape too large":    {head(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`), "needs 12 bytes"},
		"negative dimension": {head(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`), "impossible shape"},
		"product wraps":      {file(productWraps, make([]byte, 64)), "impossible shape"},
	} {
		path := filepath.Join(t.TempDir(), "model.safetensors")
		if err := os.WriteFile(path, k.file, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			f.Close()
			t.Errorf("%s: accepted", name)
			continue
		}
		if !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %q names neither the problem (%q) nor the file", name, err, k.want)
		}
	}
}

func TestMissingTensorIsNamed(t *testing.T) {
	f, err := Parse(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Floats("absent"); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Error(err)
	}
	if _, err := f.Floats("c"); err == nil || !strings.Contains(err.Error(), "I32") {
		t.Error(err)
	}
	if x, err := f.Floats("b"); err != nil || len(x) != 3 || x[0] != 1 || x[2] != -2 {
		t.Error(x, err)
	}
}
