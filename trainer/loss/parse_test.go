package loss

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weftnet/weft/x/round/protocol"
)

func TestErrorsNameColumnAndRemedy(t *testing.T) {
	const vector = "the result is a vector, one number per token, but a loss is one number: wrap it in mean(...) or sum(...)"
	for text, want := range map[string]string{
		"":                "column 1: the expression is empty: write one such as mean(-logp)",
		"   ":             "column 1: the expression is empty: write one such as mean(-logp)",
		"-logp":           "column 1: " + vector,
		"mean(logp)*t":    "column 11: " + vector,
		"mean(t)/n":       "column 8: the loss does not depend on logp, so nothing would be trained: use logp in it",
		"mean(-logp":      "column 11: found the end where the ( of column 5 needs its ): add )",
		"(mean(-logp) 2)": `column 14: found "2" where the ( of column 1 needs its ): add )`,
		"mean(-logp))":    "column 12: this ) closes nothing: remove it or add a ( before",
		"mean(-logp) sum": `column 13: found "sum" after a whole expression: put an operator before it`,
		"mean(-logp) + ":  "column 15: found the end where a number, a name or ( is needed",
		"mean(*logp)":     `column 6: found "*" where a number, a name or ( is needed`,
		"mean -logp":      `column 6: found "-" after the function mean: write mean(...)`,
		"mean(-logprob)": `column 7: unknown name "logprob": the inputs are logp, n, t, ` +
			`the functions abs, clip, exp, log, max, mean, min, sigmoid, sqrt, sum, tanh`,
		"mean(logp(1))":        "column 10: logp is not a function: put an operator between logp and (",
		"mean(min(-logp))":     "column 6: min takes 2 arguments but got 1",
		"mean(exp(logp, 2))":   "column 6: exp takes 1 arguments but got 2",
		"sum(mean(logp))":      "column 1: sum takes a vector but its argument is one number: remove sum, or use logp or t inside",
		"mean(logp^t)":         "column 11: the exponent must be a number: write exp(y*log(x)) for x^y",
		"mean(logp^17)":        "column 11: the exponent is 17: it must not be 0 and at most 16 in magnitude",
		"mean(logp^(1-1))":     "column 13: the exponent is 0: it must not be 0 and at most 16 in magnitude",
		"mean(logp^2^2)":       "column 12: a second ^ is ambiguous: use parentheses, (a^2)^3",
		"mean(clip(logp,2,1))": "column 6: clip(x, low, high) has low 2, which is not below high 1: exchange them",
		"mean(1.2.3*logp)":     `column 6: "1.2.3" is not a number: write digits such as 2, 0.5 or 1e-3`,
		"mean(1e999*logp)":     `column 6: "1e999" is not a number: write digits such as 2, 0.5 or 1e-3`,
		"mean(logp) & 1":       "column 12: the character '&' has no meaning here: use numbers, names, + - * / ^, parentheses and commas",
	} {
		_, err := Parse(text)
		var at *Error
		if err == nil || err.Error() != want || !errors.As(err, &at) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return "mean(" + strings.Repeat("(", n) + "logp" + strings.Repeat(")", n) + ")" }
	wide := func(n int) string { return "mean(logp" + strings.Repeat("+t", n) + ")" }
	long := func(n int) string { return "mean(logp" + strings.Repeat(" ", n-len("mean(logp)")) + ")" }
	for name, k := range map[string]struct {
		good, bad, want string
	}{
		"depth": {deep(MaxDepth - 2), deep(MaxDepth - 1), "nested deeper than 32 levels"},
		"signs": {"mean(" + strings.Repeat("-", MaxDepth-2) + "logp)", "mean(" + strings.Repeat("-", MaxDepth-1) + "logp)", "nested deeper"},
		"nodes": {wide((MaxNodes - 2) / 2), wide((MaxNodes-2)/2 + 1), "more than 128 numbers"},
		"bytes": {long(protocol.MaxLossText), long(protocol.MaxLossText + 1), "has 513 bytes, at most 512"},
	} {
		if _, err := Parse(k.good); err != nil {
			t.Errorf("%s at the limit: %v", name, err)
		}
		if _, err := Parse(k.bad); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s beyond the limit: %v", name, err)
		}
	}
}

func TestRanksOfOperators(t *testing.T) {
	for text, want := range map[string]string{
		"mean(1-2-logp)":       "mean((1-2)-logp)",
		"mean(8/2/logp)":       "mean((8/2)/logp)",
		"mean(1+2*logp)":       "mean(1+(2*logp))",
		"mean(-logp^2)":        "mean(-(logp^2))",
		"mean(2*-logp^2)":      "mean(2*(-(logp^2)))",
		"mean(logp^-2*3)":      "mean((logp^(-2))*3)",
		"mean( - - logp )":     "mean(-(-logp))",
		"mean(logp^(1/2+1))":   "mean(logp^1.5)",
		"mean(2.5e-1*logp*n)":  "mean((0.25*logp)*n)",
		"mean(.5*logp)+1.*n/n": "mean(0.5*logp)+((1*n)/n)",
	} {
		a, errA := parse(text)
		b, errB := parse(want)
		if errA != nil || errB != nil || show(a) != show(b) {
			t.Errorf("%s is %v, %s is %v (%v, %v)", text, show(a), want, show(b), errA, errB)
		}
	}
}

func show(x *node) string {
	if x == nil {
		return "nothing"
	}
	s := x.name
	if x.name == "number" || x.name == "^" {
		s += fmt.Sprint(x.value)
	}
	for _, a := range x.args {
		s += "(" + show(a) + ")"
	}
	return s
}
