package runspec_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/x/round/protocol"
)

// Every field of a spec has a key: setting each to another value changes every leaf of the struct.
func TestEveryFieldHasAKey(t *testing.T) {
	s := runspec.Default()
	before := leaves(reflect.ValueOf(s), "")
	for _, f := range runspec.Fields {
		if err := f.Set(&s, other(f.Get(&s), f.Unit)); err != nil {
			t.Errorf("%s: %v", f.Key, err)
		}
	}
	after := leaves(reflect.ValueOf(s), "")
	if len(after) != len(runspec.Fields) {
		t.Errorf("%d fields, %d keys", len(after), len(runspec.Fields))
	}
	for name, v := range after {
		if before[name] == v {
			t.Errorf("no key sets %s", name)
		}
	}
}

// other is a value that differs from v.
func other(v, unit string) string {
	switch {
	case unit == "duration":
		return "17s"
	case unit == "digest":
		return digest.Sum([]byte("other")).String()
	case v == "true":
		return "false"
	case strings.Trim(v, "0123456789.") == "" && v != "":
		return map[bool]string{true: "4", false: "3"}[v == "3"]
	}
	return v + "x"
}

func leaves(v reflect.Value, name string) map[string]any {
	out := map[string]any{}
	if v.Kind() != reflect.Struct {
		out[name] = v.Interface()
		return out
	}
	for i := range v.NumField() {
		for k, x := range leaves(v.Field(i), name+"."+v.Type().Field(i).Name) {
			out[k] = x
		}
	}
	return out
}

// What Write writes is read back as the same spec, whatever the values.
func TestWrittenSpecsAreReadBack(t *testing.T) {
	s := runspec.Default()
	s.Model, s.Tokens, s.Eval = "tiny", digest.Sum([]byte("a")), digest.Sum([]byte("b"))
	s.Loss, s.Inner.LR, s.Outer.Nesterov, s.MinTrainers = "expr:mean(min(-logp,4))", 123, false, 2
	path := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(path, runspec.Write(&s), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := runspec.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if *got != s {
		t.Errorf("read back as %+v, wrote %+v", *got, s)
	}
}

// A problem is listed once, under its key, with its line, and what depends on it is not complained about as well.
func TestProblemsDoNotCascade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spec.yaml")
	text := "model: tiny\ntokens: " + digest.Sum(nil).String() + "\neval: " + digest.Sum([]byte("e")).String() +
		"\nlearning_rate: fast\ninner_steps: 0\nmin_steps: 7\nmax_trainers: 0\nrounds: 0\ntrain_time: 0s\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := runspec.Read(path)
	if err == nil || !strings.Contains(err.Error(), "5 problems:") {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{`line 4: learning_rate: "fast" is not a number`, "inner_steps is 0", "max_trainers is 0", "rounds is 0",
		"train_time is 0s"} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q is not listed once: %v", want, err)
		}
	}
}

// Flags are the same fields: they set them, and their defaults are what the spec held.
func TestFlagsSetFields(t *testing.T) {
	s := runspec.Default()
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	runspec.Bind(fs, &s, "lr", "nesterov", "loss", "batch")
	if got := fs.Lookup("lr").DefValue; got != "0.001" {
		t.Errorf("default of --lr is %s", got)
	}
	if err := fs.Parse([]string{"--lr", "2e-3", "--nesterov=false", "--batch", "16"}); err != nil {
		t.Fatal(err)
	}
	if s.Inner.LR != protocol.Nano/500 || s.Outer.Nesterov || s.Batch != 16 {
		t.Errorf("%+v", s)
	}
	if err := fs.Parse([]string{"--loss", "expr:mean(log(logp))"}); err == nil {
		t.Error("a loss that cannot be trained is taken")
	}
}

// docs/spec.md is what the table says.
func TestDocIsCurrent(t *testing.T) {
	raw, err := os.ReadFile("../../docs/spec.md")
	if err != nil {
		t.Fatal(err)
	}
	usual := runspec.Default()
	for _, f := range runspec.Fields {
		if !strings.Contains(string(raw), "| `"+f.Key+"` | ") || !strings.Contains(string(raw), f.Get(&usual)) ||
			!strings.Contains(string(raw), f.Doc) {
			t.Errorf("docs/spec.md lacks %s: run make generate", f.Key)
		}
	}
}
