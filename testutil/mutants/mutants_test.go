package mutants

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// edit replaces a text that a source file holds exactly once.
type edit struct{ file, old, new string }

// check is a test run: a package and a pattern of its tests.
type check struct{ pkg, run string }

// mutant is one way of being wrong. Every check has to notice it.
type mutant struct {
	name  string
	by    []check
	edits []edit
}

// The checks. Those of row operations and products compare the definitions in plain Go, from which the kernels in
// assembly are held not to differ by the same vectors.
var (
	oracle      = check{"./testutil/oracle", "GradientsAgree"}
	differences = check{"./trainer/llm", "FiniteDifferences"}
	vectors     = check{"./trainer/exact", "TestVectors$/.*/1/go/1"}
	bits        = check{"./trainer/llm", "TrainingBits"}
	families    = check{"./trainer/llm", "TestFamilies(Logits|Gradients)"}
	rope        = check{"./trainer/llm", "TestRope"}
	roots       = check{"./trainer/slot", "TestRoots/tiny/.*/1/go"}
)

// root is the repository's, seen from this package.
const root = "../.."

// overlay writes the mutated files and the map from the files they stand for, and returns the map's path.
func (m mutant) overlay(t *testing.T) string {
	t.Helper()
	dir, text := t.TempDir(), map[string]string{}
	for _, e := range m.edits {
		path, err := filepath.Abs(filepath.Join(root, e.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := text[path]; !ok {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text[path] = string(raw)
		}
		if n := strings.Count(text[path], e.old); n != 1 {
			t.Fatalf("mutant %q is out of date: %s holds its text %d times, not once:\n%s", m.name, e.file, n, e.old)
		}
		text[path] = strings.Replace(text[path], e.old, e.new, 1)
	}
	replace := map[string]string{}
	for path, s := range text {
		to := filepath.Join(dir, fmt.Sprintf("%d_%s", len(replace), filepath.Base(path)))
		if err := os.WriteFile(to, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[path] = to
	}
	raw, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// test runs a check on the repository, or on what an overlay makes of it.
func (c check) test(t *testing.T, flags ...string) (output string, ok bool) {
	t.Helper()
	args := append([]string{"test", "-count=1", "-vet=off", "-run", c.run}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, c.pkg)...)
	cmd.Dir = root
	raw, err := cmd.CombinedOutput()
	return string(raw), err == nil
}

// TestMutantsAreCaught runs every check on the source as it is, where it must pass, and on every mutant, where it must
// run and fail.
func TestMutantsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles every package under test once for each mutant")
	}
	all := append(append([]mutant{}, gradientMutants...), numericMutants...)
	passes := map[check]bool{}
	for _, m := range all {
		t.Run(strings.ReplaceAll(m.name, "/", " per "), func(t *testing.T) {
			file := m.overlay(t)
			for _, c := range m.by {
				if !passes[c] {
					if out, ok := c.test(t, "-v"); !ok || !strings.Contains(out, "--- PASS") {
						t.Fatalf("%s does not pass on the source as it is:\n%s", c.pkg, tail(out))
					}
					passes[c] = true
				}
				out, ok := c.test(t, "-overlay="+file)
				switch {
				case ok:
					t.Errorf("%s -run %s passes", c.pkg, c.run)
				case strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") || !strings.Contains(out, "--- FAIL"):
					t.Errorf("%s did not get as far as its tests:\n%s", c.pkg, tail(out))
				}
			}
		})
	}
}

// tail is the end of a long output.
func tail(s string) string { return s[max(0, len(s)-2000):] }
