package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/testutil/jsondoc"
)

var update = flag.Bool("events.update", false, "write docs/json.md and the golden events anew")

// docs/json.md is what the types of the events say.
func TestJSONPage(t *testing.T) {
	events, err := jsondoc.Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Doc == "" {
			t.Errorf("the event %s of %s/%s says nothing about itself", e.Kind, e.Package, e.File)
		}
	}
	compare(t, "../../docs/json.md", jsondoc.Page(events, commandsOf(t)))
}

// compare holds what was made against a file; -events.update writes it.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s is not current (make generate writes it): %v\n%s", path, err, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got  " + a[i] + "\nwant " + b[i]
		}
	}
	return "one is longer"
}

// shared are the commands of files that declare none.
var shared = map[string]string{"worker.go": "`weft train`, `weft attest`", "deter.go": "`weft model check`"}

var useLine = regexp.MustCompile(`Use:\s+"([a-z]+)`)

// commandsOf names the commands that a file declares.
func commandsOf(t *testing.T) func(file string) string {
	all := map[string][]string{} // paths by name
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, s := range c.Commands() {
			if !s.HasSubCommands() {
				all[s.Name()] = append(all[s.Name()], s.CommandPath())
			}
			walk(s)
		}
	}
	walk(newRoot())
	return func(file string) string {
		if c := shared[file]; c != "" {
			return c
		}
		raw, err := os.ReadFile(filepath.Join(".", file))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range useLine.FindAllStringSubmatch(string(raw), -1) {
			paths := all[m[1]]
			if len(paths) > 1 { // weft train and weft bench train
				paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return strings.Count(p, " ") > 1 })
			}
			for _, p := range paths {
				if text := "`" + p + "`"; !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
		return strings.Join(out, ", ")
	}
}

// printedShapes are the distinct events that a command printed: their members with the types of their values.
func printedShapes(t *testing.T, printed string) string {
	t.Helper()
	var out []string
	for line := range strings.Lines(printed) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("%q is no JSON object: %v", line, err)
			continue
		}
		if !strings.HasPrefix(line, `{"event":"`) {
			t.Errorf("%q does not begin with its event", line)
		}
		kind := e["event"]
		delete(e, "event")
		if kind == "waiting" || kind == "resumed" || kind == "problem" { // they depend on how fast the machine is
			continue
		}
		if s := fmt.Sprintf("  %s %s", kind, shape(e)); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out) // workers are concurrent
	return strings.Join(out, "\n") + "\n"
}

func shape(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var out []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, k+":"+shape(v[k]))
		}
		return "{" + strings.Join(out, " ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shape(v[0]) + "]"
	case string:
		switch {
		case strings.HasPrefix(v, "sha256-"):
			return "digest"
		case strings.HasPrefix(v, "weft1"):
			return "address"
		}
		return "text"
	case float64:
		return "number"
	case bool:
		return "truth"
	}
	return "null"
}

// Every command that needs no chain prints the events of testdata/events.golden.
func TestEventsGolden(t *testing.T) {
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	var b strings.Builder
	for _, line := range []string{
		"version",
		"init --home home",
		"base import base copy",
		"data build --base base --data " + tiny.Train + " --seq 64 --records 60 --out train.safetensors",
		"data build --base base --data " + tiny.Eval + " --seq 64 --records 4 --out eval.safetensors",
		"eval --base base --data eval.safetensors",
		"eval --base base --prompt x --top 2",
		"generate --base base --prompt x --max-tokens 2",
		"tune --base base --data train.safetensors --eval eval.safetensors --steps 2 --batch 2 --seq 64 --out tuned",
		"model spec tiny --data train.safetensors --eval eval.safetensors",
		"model check spec.yaml --base base",
		"model proposal spec.yaml",
		"demo --trainers 1 --rounds 1 --inner-steps 2 --batch 1 --eval-records 4 --seq 64",
		"verify weft-demo/lineage --rebuild weft-demo/base",
		"export weft-demo/lineage",
		"bench train --base base --seq 8 --batch 1 --steps 1",
		"bench generate --base base --prompt 4 --tokens 2 --steps 1",
		"why 0 0",
		"verify nothing",
		"foo",
		"demo --nosuch",
	} {
		var text bytes.Buffer
		code := execute(t.Context(), append(strings.Fields(line), "--json"), &text, &text)
		out := text.String()
		if i := strings.Index(out, "\nThe recovery phrase"); i >= 0 {
			out = out[:i] // of init, for people and on standard error
		}
		fmt.Fprintf(&b, "weft %s: exit code %d\n%s", line, code, printedShapes(t, out))
	}
	compare(t, filepath.Join(source, "testdata", "events.golden"), b.String())
}

// source is this folder.
var source = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()
