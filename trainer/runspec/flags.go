package runspec

import (
	"github.com/spf13/pflag"

	"github.com/weftnet/weft/x/round/protocol"
)

// Bind registers flags that set fields of s; their defaults are what s holds. It panics on a flag that no field has.
func Bind(fs *pflag.FlagSet, s *protocol.RunSpec, flags ...string) {
	for _, name := range flags {
		f := ByFlag(name)
		if f == nil {
			panic("runspec: no field has the flag " + name)
		}
		v := &value{f, s}
		fs.Var(v, name, f.describe())
		if v.Type() == "bool" {
			fs.Lookup(name).NoOptDefVal = "true"
		}
	}
}

// value is a field as a flag. It implements pflag.Value.
type value struct {
	f *Field
	s *protocol.RunSpec
}

func (v *value) String() string {
	if v.s == nil {
		return "" // pflag asks a zero value
	}
	return v.f.Get(v.s)
}

func (v *value) Set(text string) error { return v.f.Set(v.s, text) }

func (v *value) Type() string {
	switch {
	case v.f.Get(v.s) == "true" || v.f.Get(v.s) == "false":
		return "bool"
	case v.f.Unit != "":
		return v.f.Unit
	}
	return "value"
}
