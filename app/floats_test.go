package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Under x/ there is no float: neither in what decides nor in what pays. Integers are the same on every machine; the rule is
// kept here and not by a review. Tests may use them, to compare with.
func TestNoFloatsInConsensus(t *testing.T) {
	files, found := 0, []string{}
	err := filepath.WalkDir("../x", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, ".pb.go") || strings.HasSuffix(path, ".pb.gw.go") {
			return err
		}
		files++
		floats, err := floatsIn(path, nil)
		found = append(found, floats...)
		return err
	})
	if err != nil || files < 50 {
		t.Fatalf("%d files, %v", files, err)
	}
	for _, f := range found {
		t.Error(f)
	}
	for _, bad := range []string{"var x float64", "const x = 0.5", "var x = complex64(1)", "import \"math\"\nvar x = math.Sqrt(2)",
		"import \"cosmossdk.io/math\"\nvar x math.LegacyDec"} {
		if got, err := floatsIn("bad.go", "package p\n"+bad); err != nil || len(got) == 0 {
			t.Errorf("%q is not found: %v", bad, err)
		}
	}
}

// floatsIn lists the places of a file that name a floating-point or decimal type, write such a number, or call a function of
// package math that returns one (its constants are exact).
func floatsIn(path string, src any) (found []string, err error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, src, 0)
	if err != nil {
		return nil, err
	}
	std := false
	for _, i := range f.Imports {
		std = std || i.Path.Value == `"math"`
	}
	say := func(n ast.Node, what string) { found = append(found, set.Position(n.Pos()).String()+": "+what) }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if strings.HasPrefix(n.Name, "float") && (n.Name == "float32" || n.Name == "float64") || n.Name == "complex64" ||
				n.Name == "complex128" || strings.HasPrefix(n.Name, "LegacyDec") {
				say(n, n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				say(n, n.Value)
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && std {
				if p, ok := s.X.(*ast.Ident); ok && p.Name == "math" {
					say(n, "math."+s.Sel.Name)
				}
			}
		}
		return true
	})
	return found, nil
}
