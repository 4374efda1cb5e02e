package runspec

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/suggest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Read reads a run's spec from a YAML file. What is not given has its default; every problem is listed, with its line where
// it has one.
func Read(path string) (*protocol.RunSpec, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, operror.Hinted("read the spec", path, err, "check the path; weft model spec writes one")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, operror.Hinted("read the spec", path, err, "correct the line that is named")
	}
	s := Default()
	var ps []string
	if len(doc.Content) > 0 {
		ps = fill(&s, doc.Content[0])
	}
	if err := Problems(append(ps, unnamed(s.Problems(), ps)...)); err != nil {
		return nil, &operror.Error{Op: "use the spec", Ref: path, Err: err,
			Hint: "correct the keys that are named; docs/spec.md explains every key"}
	}
	return &s, nil
}

func fill(s *protocol.RunSpec, n *yaml.Node) (ps []string) {
	known := make([]string, len(Fields))
	for i, f := range Fields {
		known[i] = f.Key
	}
	if n.Kind != yaml.MappingNode {
		return []string{fmt.Sprintf("line %d: want keys and values", n.Line)}
	}
	for i := 0; i < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		f := ByKey(k.Value)
		if f == nil {
			one := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{k, v}}
			ps = append(ps, suggest.UnknownKey(one, known).Error())
			continue
		}
		if err := f.Set(s, v.Value); err != nil {
			ps = append(ps, fmt.Sprintf("line %d: %s: %v", v.Line, k.Value, err))
		}
	}
	return ps
}

// unnamed leaves out the problems of keys whose lines are named already.
func unnamed(problems, named []string) []string {
	return slices.DeleteFunc(problems, func(p string) bool {
		key, _, _ := strings.Cut(strings.ReplaceAll(p, ":", " "), " ")
		return slices.ContainsFunc(named, func(n string) bool { return strings.Contains(n, ": "+key+": ") })
	})
}

// Problems joins what is wrong with a spec, one line each; nil when nothing is.
func Problems(ps []string) error {
	if len(ps) == 0 {
		return nil
	}
	ps = slices.Sorted(slices.Values(ps))
	return errors.New(fmt.Sprintf("%d problems:\n- ", len(ps)) + strings.Join(ps, "\n- "))
}

// Write is a spec file with every key and what it means. Values that are the default stand in comments.
func Write(s *protocol.RunSpec) []byte {
	var b strings.Builder
	usual, group := Default(), ""
	b.WriteString("# A run's spec. A key that is commented out has the value that it shows.\n")
	for _, f := range Fields {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n# %s\n", group)
		}
		value := f.Get(s)
		line := fmt.Sprintf("%s: %s", f.Key, quoted(value))
		if value == f.Get(&usual) {
			line = "# " + line
		}
		fmt.Fprintf(&b, "%-40s # %s\n", line, f.describe())
	}
	return []byte(b.String())
}

func (f Field) describe() string {
	if f.Unit == "" {
		return f.Doc
	}
	return f.Doc + ", in " + f.Unit
}

// quoted is a scalar that YAML reads back as the same text.
func quoted(v string) string {
	if v == "" || strings.ContainsAny(v, ":#{}[]\"' ") {
		return fmt.Sprintf("%q", v)
	}
	return v
}
