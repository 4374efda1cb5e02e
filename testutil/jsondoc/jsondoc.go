// Package jsondoc reads from the sources which JSON objects the commands print: every type that has a Kind is an event. It
// makes docs/json.md of them.
package jsondoc

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Packages are where the types of events are.
var Packages = []string{"trainer/status", "cmd/weft/out", "cmd/weft", "devnet/demo", "devnet/bench"}

// Field is a member of an object.
type Field struct{ Name, Type, Doc string }

// Event is one kind of object that is printed.
type Event struct {
	Kind, Doc     string
	Package, File string // where its type is
	Fields        []Field
	Parts         []Part // the objects inside it
}

// Part is an object inside an event.
type Part struct {
	Name   string
	Fields []Field
}

// source is what the packages declare.
type source struct {
	structs map[string]*ast.StructType // by package and name
	docs    map[string]string
	kinds   map[string]string
	files   map[string]string
}

// Read reads the events of all packages, in the order of packages, files and kinds.
func Read(root string) ([]Event, error) {
	s := &source{structs: map[string]*ast.StructType{}, docs: map[string]string{}, kinds: map[string]string{}, files: map[string]string{}}
	for _, p := range Packages {
		if err := s.parse(root, p); err != nil {
			return nil, err
		}
	}
	var out []Event
	for name, kind := range s.kinds {
		pkg, typ, _ := cutLast(name)
		e := Event{Kind: kind, Doc: about(typ, s.docs[name]), Package: pkg, File: s.files[name]}
		seen := map[string]bool{}
		e.Fields = s.fields(pkg, s.structs[name], &e.Parts, seen)
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Event) int {
		pa, pb := slices.Index(Packages, a.Package), slices.Index(Packages, b.Package)
		if pa != pb {
			return pa - pb
		}
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return out, nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndex(s, ".")
	return s[:i], s[i+1:], true
}

// about is a type's comment without its name.
func about(name, doc string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	for _, cut := range []string{name + " tells of ", name + " tells that ", name + " tells ", name + " is ", name + ": ", name + " "} {
		if rest, ok := strings.CutPrefix(doc, cut); ok {
			return rest
		}
	}
	return doc
}

func (s *source) parse(root, pkg string) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseDir(set, filepath.Join(root, pkg), func(f fs.FileInfo) bool {
		return !strings.HasSuffix(f.Name(),
			"_test.go")
	}, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, p := range parsed {
		for file, f := range p.Files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.GenDecl:
					s.types(pkg, filepath.Base(file), d)
				case *ast.FuncDecl:
					s.kind(pkg, d)
				}
			}
		}
	}
	return nil
}

func (s *source) types(pkg, file string, d *ast.GenDecl) {
	for _, x := range d.Specs {
		t, ok := x.(*ast.TypeSpec)
		if !ok {
			continue
		}
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		name := pkg + "." + t.Name.Name
		doc := t.Doc.Text()
		if doc == "" && len(d.Specs) == 1 {
			doc = d.Doc.Text()
		}
		s.structs[name], s.docs[name], s.files[name] = st, doc, file
	}
}

// kind notes a method Kind that returns a text.
func (s *source) kind(pkg string, d *ast.FuncDecl) {
	if d.Name.Name != "Kind" || d.Recv == nil || len(d.Body.List) != 1 {
		return
	}
	r, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return
	}
	lit, ok := r.Results[0].(*ast.BasicLit)
	if !ok {
		return
	}
	kind, err := strconv.Unquote(lit.Value)
	if err != nil {
		return
	}
	recv := d.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	if id, ok := recv.(*ast.Ident); ok {
		s.kinds[pkg+"."+id.Name] = kind
	}
}

// named is the struct that an expression names, if the packages have it.
func (s *source) named(pkg string, e ast.Expr) (string, *ast.StructType) {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = pkg + "." + e.Name
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			for _, p := range Packages {
				if filepath.Base(p) == id.Name {
					name = p + "." + e.Sel.Name
				}
			}
		}
	}
	return name, s.structs[name]
}

func (s *source) fields(pkg string, st *ast.StructType, parts *[]Part, seen map[string]bool) (out []Field) {
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			if name, embedded := s.named(pkg, f.Type); embedded != nil {
				inner, _, _ := cutLast(name)
				out = append(out, s.fields(inner, embedded, parts, seen)...)
			}
			continue
		}
		tag := ""
		if f.Tag != nil {
			if text, err := strconv.Unquote(f.Tag.Value); err == nil {
				tag = reflect.StructTag(text).Get("json")
			}
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" || name == "-" {
			continue
		}
		x := Field{Name: name, Type: s.typeOf(pkg, f.Type, parts, seen),
			Doc: strings.Join(strings.Fields(f.Comment.Text()+" "+f.Doc.Text()), " ")}
		if strings.Contains(options, "string") {
			x.Type = "text of a number"
		}
		if strings.Contains(options, "omit") {
			x.Type += ", may be absent"
		}
		out = append(out, x)
	}
	return out
}

// plain are the JSON types of Go's.
var plain = map[string]string{"string": "text", "bool": "truth", "error": "text", "digest.Digest": "digest", "protocol.Account": "address",
	"Account":       "address",
	"status.Amount": "amount", "Amount": "amount", "time.Time": "time", "time.Duration": "number", "coins": "amounts by " +
		"denom", "uint64": "number", "uint32": "number",
	"int64": "number", "int": "number", "float64": "number", "int32": "number"}

func (s *source) typeOf(pkg string, e ast.Expr, parts *[]Part, seen map[string]bool) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return s.typeOf(pkg, x.X, parts, seen) + " or null"
	case *ast.ArrayType:
		return "list of " + s.typeOf(pkg, x.Elt, parts, seen)
	case *ast.MapType:
		return "object: " + s.typeOf(pkg, x.Value, parts, seen) + " by " + s.typeOf(pkg, x.Key, parts, seen)
	}
	if t := plain[text(e)]; t != "" {
		return t
	}
	name, st := s.named(pkg, e)
	if st == nil {
		return "text"
	}
	inner, typ, _ := cutLast(name)
	if !seen[typ] {
		seen[typ] = true
		at := len(*parts)
		*parts = append(*parts, Part{Name: typ})
		fields := s.fields(inner, st, parts, seen)
		(*parts)[at].Fields = fields
	}
	return typ
}

func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return text(e.X) + "." + e.Sel.Name
	}
	return ""
}

// Page is docs/json.md. commands names the commands that a file of cmd/weft holds.
func Page(events []Event, commands func(file string) string) string {
	var b strings.Builder
	b.WriteString("# What commands print with --json\n\n" +
		"One JSON object per line; its first member, `event`, says what it is. This page is made from the types of the events (`make " +
		"generate`).\n\n" +
		"A **digest** is the text `sha256-` and 64 hexadecimal digits. An **amount** is a text of base units (1 WEFT is `\"1000000\"`), " +
		"since it may exceed what a JSON\n" +
		"number holds exactly; losses are numbers. A **time** is RFC 3339. An **address** is an account's, `weft1…`. New members may be " +
		"added; what is here stays.\n" +
		"On failure the last line, on standard error, is an `error`, and `code` is the exit code.\n")
	at := ""
	for _, e := range events {
		if title := heading(e, commands); title != at {
			at = title
			fmt.Fprintf(&b, "\n## %s\n", title)
		}
		fmt.Fprintf(&b, "\n**`%s`**: %s\n\n", e.Kind, sentence(e.Doc))
		table(&b, e.Fields)
		for _, p := range e.Parts {
			fmt.Fprintf(&b, "\n%s is an object:\n\n", p.Name)
			table(&b, p.Fields)
		}
	}
	return b.String()
}

func heading(e Event, commands func(string) string) string {
	switch e.Package {
	case "trainer/status":
		return "Workers: `weft train`, `weft attest`, and `weft demo` for each of its workers"
	case "devnet/demo":
		return "`weft demo`"
	case "devnet/bench":
		return "`weft bench`"
	case "cmd/weft/out":
		return "Every command"
	}
	return commands(e.File)
}

func sentence(s string) string {
	if s == "" {
		return "."
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func table(b *strings.Builder, fields []Field) {
	if len(fields) == 0 {
		b.WriteString("No members.\n")
		return
	}
	b.WriteString("| member | type | |\n|---|---|---|\n")
	for _, f := range fields {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, f.Type, f.Doc)
	}
}
