package ckpt_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// FuzzParseManifest checks that what ParseManifest accepts is exactly what Encode gives.
func FuzzParseManifest(f *testing.F) {
	for _, m := range manifests() {
		b, err := m.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"adapter":{"alpha":1,"freeze_a":0,"rank":1,"targets":["q_proj"]}} trailing`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ckpt.ParseManifest(b)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q was accepted but encodes as %q (%v)", b, again, err)
		}
		for _, r := range m.Files {
			if strings.ContainsAny(r.Name, `/\`) || r.Name == "" || r.Name == ".." {
				t.Fatalf("file name %q was accepted", r.Name)
			}
		}
	})
}

func manifests() []ckpt.Manifest {
	parent := digest.Sum([]byte("parent"))
	first := ckpt.Manifest{Version: 1, Model: "storyteller", Base: digest.Sum([]byte("base")), Adapter: ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj", "v_proj"}},
		Contributions: []protocol.Contribution{}, Files: []ckpt.FileRef{{Digest: digest.Sum(nil), Name: ckpt.AdapterFile, Size: 12}}}
	next := first
	next.Parent, next.Run, next.Round = &parent, 1, 2
	next.Rule = &ckpt.Rule{Codec: "q4", LR: 700_000_000, Momentum: 900_000_000, Nesterov: 1}
	next.Contributions = []protocol.Contribution{{Delta: digest.Sum([]byte("d")), Slot: 1, Steps: 10, Tokens: 1234, Trainer: "weft1x"}}
	return []ckpt.Manifest{first, next}
}

// TestDamagedManifestsAreNamed checks that an error says what is wrong.
func TestDamagedManifestsAreNamed(t *testing.T) {
	b, err := manifests()[1].Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	for name, k := range map[string]struct{ text, want string }{
		"empty":           {"", "EOF"},
		"cut":             {good[:len(good)/2], "unexpected EOF"},
		"a space more":    {strings.Replace(good, `,"base"`, `, "base"`, 1), "not in canonical form at byte"},
		"a line end":      {good + "\n", "not in canonical form"},
		"unknown key":     {strings.Replace(good, `"base"`, `"basis"`, 1), `"basis"`},
		"another version": {strings.Replace(good, `"version":1`, `"version":2`, 1), "version 2"},
		"path as a name":  {strings.Replace(good, `"name":"adapter`, `"name":"../adapter`, 1), "file name"},
		"no parent":       {strings.Replace(good, `"parent":"`+digest.Sum([]byte("parent")).String()+`"`, `"parent":null`, 1), "first checkpoint"},
		"wrong digest":    {strings.Replace(good, `"base":"sha256-`, `"base":"sha255-`, 1), "digest"},
	} {
		if _, err := ckpt.ParseManifest([]byte(k.text)); err == nil || !strings.Contains(err.Error(), k.want) || !strings.HasPrefix(err.Error(), "manifest: ") {
			t.Errorf("%s: error %v does not name %q", name, err, k.want)
		}
	}
}
