// Package named finds what the documentation and the messages of the programs name: commands and paths. Tests of the programs
// hold them against what there is.
package named

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Command is a command line that a text names.
type Command struct {
	Where string   // file and line
	Words []string // after the program's name
}

var (
	fence = regexp.MustCompile("(?ms)^```[^\n]*\n(.*?)^```")
	span  = regexp.MustCompile("`([^`\n]+)`")
)

// Commands finds the command lines of a program: in the code of README.md, CHANGELOG.md and docs/, and in the texts of Go
// sources. root is the repository.
func Commands(t *testing.T, root, program string) (out []Command) {
	t.Helper()
	line := regexp.MustCompile(`(?m)(?:^|[\s("';,:|&/])` + program + ` ([a-z][^\n]*)`)
	add := func(where, text string) {
		for _, m := range line.FindAllStringSubmatch(text, -1) {
			for _, rest := range strings.Split(m[1], " "+program+" ") {
				out = append(out, Command{where, words(rest)})
			}
		}
	}
	for _, page := range Pages(t, root) {
		text := read(t, filepath.Join(root, page))
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			add(page, strings.ReplaceAll(m[1], "\\\n", " "))
		}
		for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			add(page, m[1])
		}
	}
	for _, file := range sources(t, root) {
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(root, file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					add(file+":"+strconv.Itoa(set.Position(lit.Pos()).Line), text)
				}
			}
			return true
		})
	}
	return out
}

// words are those of a command line up to where another sentence begins.
func words(s string) (out []string) {
	for _, w := range strings.Fields(s) {
		bare := strings.TrimRight(w, ".,;:)`'\"")
		if bare == "" || bare == "|" || bare == "&&" || bare == ">" || bare == "<" || bare == "#" {
			return out
		}
		out = append(out, bare)
		if bare != w {
			return out
		}
	}
	return out
}

// Pages are the documents, relative to root.
func Pages(t *testing.T, root string) (out []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			rel, err := filepath.Rel(root, n)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, rel)
		}
	}
	return out
}

// sources are the Go files that are shipped, but for generated ones.
func sources(t *testing.T, root string) (out []string) {
	t.Helper()
	for _, dir := range []string{"app", "ckpt", "cmd", "devnet", "trainer", "x"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, ".pb.") {
				return err
			}
			rel, err := filepath.Rel(root, path)
			out = append(out, rel)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	// top are the folders of the repository; shared is the folder beside it, which only some machines have.
	top = regexp.MustCompile(`^(app|ckpt|cmd|devnet|docs|proto|scripts|testutil|trainer|x)/[\w./*-]*$`)
)

// Missing lists the paths that the documents name and that do not exist, with the document.
func Missing(t *testing.T, root string) (out []string) {
	t.Helper()
	for _, page := range Pages(t, root) {
		text := read(t, filepath.Join(root, page))
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") && !exists(filepath.Join(root, filepath.Dir(page), m[1])) {
				out = append(out, page+": "+m[1])
			}
		}
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			for _, w := range strings.Fields(m[1]) {
				w = strings.TrimSuffix(strings.Trim(w, ".,;:()"), "/...")
				if top.MatchString(w) && !exists(filepath.Join(root, w)) {
					out = append(out, page+": "+w)
				}
			}
		}
	}
	return out
}

func exists(pattern string) bool {
	names, err := filepath.Glob(pattern)
	return err == nil && len(names) > 0
}
