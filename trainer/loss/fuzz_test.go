package loss

import (
	"errors"
	"math"
	"testing"
)

// FuzzParse: no text crashes; an error of the text has a column in it; what is accepted gives a number or NaN, and the
// reference's number.
func FuzzParse(f *testing.F) {
	for _, text := range documented {
		f.Add(text)
	}
	for _, text := range []string{
		"", "(", "mean(logp", "mean(--logp)", "logp^-2", "1e", "1e+", "..", "mean(-logp)/0", "sum(logp^16)^16", "max(sum(t*logp),n)",
	} {
		f.Add(text)
	}
	logp := []float64{-0.5, -3}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		var at *Error
		if errors.As(err, &at) && (at.Column < 1 || at.Column > len(text)+1 || at.Reason == "") {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			if at == nil {
				t.Fatalf("%q is well formed, but: %v", text, err)
			}
			return
		}
		got, want := e.Sequence(logp, make([]float64, len(logp))), reference(e.tree, logp)[0]
		if largest := e.largest(logp); finite(got) && largest < 1e6 && !(math.Abs(got-want) <= 1e-8*max(1, largest*largest)) {
			t.Fatalf("%q is %.17g, the reference says %.17g", text, got, want)
		}
	})
}

// largest is the largest magnitude met on the way.
func (e *Expr) largest(logp []float64) float64 {
	p := *e.m.p
	p.code = append([]instr{}, p.code...)
	p.assign(false)
	c := &checker{m: newMachine(&p)}
	c.m.run(logp)
	return c.largest()
}
