package gguf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestEveryTypeIsRead(t *testing.T) {
	b := samples()
	f, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"general.architecture": "llama", "a.u8": uint64(200), "a.i32": int64(-2), "a.f32": 1.5, "a.bool": true,
		"a.strings": []any{"x", "yy"}, "a.u64": uint64(1 << 40), "a.f64": -2.25,
	} {
		if !reflect.DeepEqual(f.Meta[key], want) {
			t.Errorf("%s is %v, want %v", key, f.Meta[key], want)
		}
	}
	for name, want := range map[string][2]float32{"f32": {0, 2}, "f16": {0, 1}, "bf16": {0, 1}, "q8": {-2, -2}, "q4": {7, 1}, "q41": {5, 2}} {
		x, err := f.Floats(name)
		if err != nil || len(x) != f.Tensors[name].Elements() || x[0] != want[0] || x[len(x)-1] != want[1] {
			t.Errorf("%s: %v %v, want %v … %v", name, x, err, want[0], want[1])
		}
	}
}

// TestDamagedFilesAreNamed checks that every kind of damage gives an error that says what is wrong.
func TestDamagedFilesAreNamed(t *testing.T) {
	whole := samples()
	for name, k := range map[string]struct {
		file []byte
		want string
	}{
		"empty":                 {nil, "truncated"},
		"another format":        {[]byte("PK\x03\x04 a zip file, say, of some length"), "does not start with GGUF"},
		"version 1":             {(&builder{b: []byte("GGUF")}).u32(1).u64(0).u64(0).b, "version 1"},
		"cut in the header":     {whole[:100], "truncated"},
		"cut in the data":       {whole[:len(whole)-40], "truncated"},
		"too many tensors":      {header(1<<40, 0).b, "exceed"},
		"long string":           {header(0, 1).u64(1 << 50).b, "string of"},
		"long array":            {header(0, 1).str("k").u32(9).u32(0).u64(1 << 40).b, "array of"},
		"unknown metadata type": {header(0, 1).str("k").u32(77).b, "unknown type 77"},
		"no dimensions":         {header(1, 0).tensor("w", F32, 0).data(nil), "tensor w has 0 dimensions"},
		"huge dimensions":       {header(1, 0).tensor("w", F32, 0, 1<<31, 1<<31).data(nil), "tensor w has a dimension"},
		"unknown tensor type":   {header(1, 0).tensor("w", 13, 0, 32).data(make([]byte, 64)), "tensor w: type 13 is not supported"},
		"broken block":          {header(1, 0).tensor("w", Q8_0, 0, 31).data(make([]byte, 64)), "whole blocks"},
		"offset beyond":         {header(1, 0).tensor("w", F32, 1<<60, 4).data(make([]byte, 64)), "truncated"},
		"negative offset":       {header(1, 0).tensor("w", F32, 1<<63, 4).data(make([]byte, 64)), "truncated"},
	} {
		path := filepath.Join(t.TempDir(), "model.gguf")
		if err := os.WriteFile(path, k.file, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			f.Close()
			t.Errorf("%s: accepted", name)
			continue
		}
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %q does not say %q of the file", name, err, k.want)
		}
	}
}

// FuzzRead checks that whatever Read accepts can be read in full.
func FuzzRead(f *testing.F) {
	f.Add(samples())
	f.Add(header(0, 0).b)
	f.Add(header(1, 0).tensor("w", F32, 0, 2, 3).data(make([]byte, 24)))
	f.Add(header(0, 1).str("k").u32(9).u32(9).u64(1).u32(0).u64(3).data([]byte{1, 2, 3}))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("error %q is not ErrFormat", err)
			}
			return
		}
		for name, x := range g.Tensors {
			v, err := g.Floats(name)
			if err != nil || len(v) != x.Elements() {
				t.Fatalf("%s of %v was accepted but gives %d numbers: %v", name, x.Dims, len(v), err)
			}
		}
	})
}
