package loss

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestCheckRefusesWrongDerivatives alters the derivative's instructions one at a time.
func TestCheckRefusesWrongDerivatives(t *testing.T) {
	for _, text := range []string{"mean(-(1-exp(logp))^2*logp)", "mean(sigmoid(logp)*tanh(logp))", "sum(sqrt(-logp)/(1+t))"} {
		e := registered(t, text)
		seen := 0
		for i, in := range e.m.p.code[e.m.p.value+1:] {
			i += e.m.p.value + 1
			for _, other := range wrongOps(in.op) {
				p := *e.m.p
				p.code = slices.Clone(p.code)
				p.code[i].op = other
				bad := &Expr{tree: e.tree, m: newMachine(&p)}
				if err := bad.Check(); !errors.Is(err, ErrDerivative) && !errors.Is(err, ErrNotFinite) {
					t.Errorf("%s: instruction %d as %d instead of %d passes: %v", text, i, other, in.op, err)
				}
				seen++
			}
		}
		if seen < 3 {
			t.Errorf("%s: only %d mutants", text, seen)
		}
	}
}

func wrongOps(o op) []op {
	switch o {
	case opAdd:
		return []op{opSub, opMul}
	case opSub:
		return []op{opAdd}
	case opMul:
		return []op{opAdd, opDiv}
	case opDiv:
		return []op{opMul}
	case opNeg:
		return []op{opExp}
	}
	return nil
}

func TestCheckNamesTheNumbers(t *testing.T) {
	e := registered(t, "mean(-logp)")
	p := *e.m.p
	p.code = slices.Clone(p.code)
	for i := range p.code {
		if p.code[i].op == opNeg && i > p.value {
			p.code[i].op = opExp
		}
	}
	err := (&Expr{tree: e.tree, m: newMachine(&p)}).Check()
	if !errors.Is(err, ErrDerivative) || !strings.Contains(err.Error(), "of 1 tokens, number 0 has log-probability") ||
		!strings.Contains(err.Error(), "a finite difference gives -1 ") {
		t.Error(err)
	}
}

func TestCheckRefusesWhatIsNotFinite(t *testing.T) {
	for _, text := range []string{
		"mean(log(logp))", "mean(sqrt(logp))", "mean(logp^0.3)", "mean(-logp)/(n-1)", "mean(1/t*logp)", "mean(exp(-logp*100))",
	} {
		if _, err := Register(text); !errors.Is(err, ErrNotFinite) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestKinksArePassedOver: a loss is not refused because a sampled value lies where two branches meet.
func TestKinksArePassedOver(t *testing.T) {
	for _, text := range []string{
		"mean(abs(logp-logp))+mean(logp)", "mean(max(logp,logp))", "mean(min(max(-logp,1),1))+sum(logp)",
		"max(mean(logp),mean(logp))", "mean(abs(-logp))",
	} {
		registered(t, text)
	}
}
