package runspec

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Field is one setting of a spec.
type Field struct {
	Key   string // in a spec file, and in the problems that protocol.RunSpec.Problems names
	Flag  string // in commands that take settings as flags; empty: none does
	Group string // what it belongs to, for people
	Unit  string // of its value; empty: none
	Doc   string
	Get   func(*protocol.RunSpec) string
	Set   func(*protocol.RunSpec, string) error
}

// flag gives a field a flag.
func (f Field) flag(name string) Field { f.Flag = name; return f }

func whole[T uint32 | uint64](key, unit, doc string, at func(*protocol.RunSpec) *T) Field {
	get := func(s *protocol.RunSpec) string { return fmt.Sprint(*at(s)) }
	return Field{Key: key, Unit: unit, Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) error {
		bits := 64
		if _, small := any(*at(s)).(uint32); small {
			bits = 32
		}
		n, err := strconv.ParseUint(v, 10, bits)
		if err != nil {
			return fmt.Errorf("%q is not a whole number of at most %d bits", v, bits)
		}
		*at(s) = T(n)
		return nil
	}}
}

func amount(key, doc string, at func(*protocol.RunSpec) *uint64) Field {
	return whole(key, "uweft", doc, at)
}

func share(key, doc string, at func(*protocol.RunSpec) *uint32) Field {
	return whole(key, "basis points", doc, at)
}

func decimal(key, doc string, at func(*protocol.RunSpec) *uint64) Field {
	get := func(s *protocol.RunSpec) string { return protocol.Decimal(*at(s)) }
	return Field{Key: key, Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) (err error) {
		*at(s), err = Nano(v)
		return err
	}}
}

// Nano turns a decimal number into the chain's unit of 1e-9.
func Nano(text string) (uint64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	if !(v >= 0) || v > 1e9 {
		return 0, fmt.Errorf("%s must lie between 0 and 1e9", text)
	}
	n := uint64(math.Round(v * protocol.Nano))
	if n == 0 && v > 0 {
		return 0, fmt.Errorf("%s is below the smallest unit of 1e-9", text)
	}
	return n, nil
}

func period(key, doc string, at func(*protocol.RunSpec) *time.Duration) Field {
	get := func(s *protocol.RunSpec) string { return at(s).String() }
	return Field{Key: key, Unit: "duration", Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s or 10m", v)
		}
		*at(s) = d
		return nil
	}}
}

func pin(key, doc string, at func(*protocol.RunSpec) *digest.Digest) Field {
	get := func(s *protocol.RunSpec) string {
		if at(s).IsZero() {
			return ""
		}
		return at(s).String()
	}
	return Field{Key: key, Unit: "digest", Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) (err error) {
		if v == "" {
			*at(s) = digest.Digest{}
			return nil
		}
		*at(s), err = digest.Parse(v)
		return err
	}}
}

func text[T ~string](key, doc string, at func(*protocol.RunSpec) *T) Field {
	get := func(s *protocol.RunSpec) string { return string(*at(s)) }
	return Field{Key: key, Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) error { *at(s) = T(v); return nil }}
}

func truth(key, doc string, at func(*protocol.RunSpec) *bool) Field {
	get := func(s *protocol.RunSpec) string { return strconv.FormatBool(*at(s)) }
	return Field{Key: key, Doc: doc, Get: get, Set: func(s *protocol.RunSpec, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		*at(s) = b
		return nil
	}}
}
