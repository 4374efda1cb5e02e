package ckpt_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/x/round/protocol"
)

// lineage makes three checkpoints of arbitrary bytes in a folder.
func lineage(t *testing.T) string {
	t.Helper()
	s, dir := mem.New(), t.TempDir()
	put := func(b string) digest.Digest {
		d, err := ckpt.PutBytes(s, []byte(b))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var parent *digest.Digest
	for i, name := range []string{"zero", "one", "two"} {
		m := ckpt.Manifest{Version: 1, Model: "m", Base: digest.Sum([]byte("base")), Adapter: ckpt.AdapterSpec{Rank: 1, Alpha: 1, Targets: []string{"q_proj"}},
			Contributions: []protocol.Contribution{}, Parent: parent, Files: []ckpt.FileRef{{Digest: put("adapter " + name), Name: ckpt.AdapterFile, Size: 1}, {Digest: put("outer " + name), Name: ckpt.OuterFile, Size: 1}}}
		if i > 0 {
			m.Run, m.Round, m.Rule = 1, uint64(i), &ckpt.Rule{Codec: "f32", LR: 1}
			m.Contributions = append(m.Contributions, protocol.Contribution{Delta: put("delta " + name), Steps: 1, Tokens: 1, Trainer: "t"})
		}
		b, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		d := put(string(b))
		parent = &d
	}
	if err := ckpt.WriteLineage(s, *parent, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVerifyNamesEveryFlippedByte(t *testing.T) {
	dir := lineage(t)
	es, missing, err := ckpt.VerifyLineage(dir)
	if err != nil || len(es) != 3 || len(missing) != 0 || es[2].Manifest.Parent != nil {
		t.Fatalf("%d checkpoints, %d missing, %v", len(es), len(missing), err)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, at := range []int{0, len(b) / 2, len(b) - 1} {
			bad := append([]byte{}, b...)
			bad[at] ^= 1
			if err := os.WriteFile(path, bad, 0o644); err != nil {
				return err
			}
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			if _, _, err := ckpt.VerifyLineage(dir); err == nil || !strings.Contains(err.Error(), rel) {
				t.Errorf("byte %d of %s flipped: %v", at, rel, err)
			}
		}
		return os.WriteFile(path, b, 0o644)
	})
	if err != nil || files != 1+9+2 {
		t.Fatalf("%d files, %v", files, err)
	}
}

func TestVerifyNamesStrangersAndAbsentees(t *testing.T) {
	dir := lineage(t)
	if err := os.WriteFile(filepath.Join(dir, "extra"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ckpt.VerifyLineage(dir); err == nil || !strings.Contains(err.Error(), "extra") {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "extra")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "deltas")); err != nil {
		t.Fatal(err)
	}
	if _, missing, err := ckpt.VerifyLineage(dir); err != nil || len(missing) != 2 {
		t.Fatalf("%d missing, %v", len(missing), err)
	}
}

func TestManifestIsStrict(t *testing.T) {
	es, _, err := ckpt.VerifyLineage(lineage(t))
	if err != nil {
		t.Fatal(err)
	}
	b, err := es[0].Manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"space":         strings.Replace(string(b), ":", ": ", 1),
		"unknown field": strings.Replace(string(b), `{"adapter"`, `{"aaa":1,"adapter"`, 1),
		"newline":       string(b) + "\n",
		"version":       strings.Replace(string(b), `"version":1`, `"version":2`, 1),
		"empty":         "",
	} {
		if _, err := ckpt.ParseManifest([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestDigestText(t *testing.T) {
	d := digest.Sum([]byte("x"))
	if got, err := digest.Parse(d.String()); err != nil || got != d {
		t.Fatal(got, err)
	}
	for _, s := range []string{"", "sha256-", d.String() + "0", strings.ToUpper(d.String()), strings.Replace(d.String(), "sha256", "sha512", 1), d.String()[:70] + "g"} {
		if _, err := digest.Parse(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
