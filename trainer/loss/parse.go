package loss

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/weftnet/weft/x/round/protocol"
)

// parser is a recursive descent over tokens:
//
//	expr    = term { ("+" | "-") term }
//	term    = sign { ("*" | "/") sign }
//	sign    = "-" sign | power
//	power   = primary [ "^" [ "-" ] primary ]
//	primary = number | name | name "(" expr { "," expr } ")" | "(" expr ")"
type parser struct {
	tokens       []token
	at           int
	depth, nodes int
}

// parse returns the tree of an expression that is a number and depends on logp.
func parse(text string) (*node, error) {
	if len(text) > protocol.MaxLossText {
		return nil, wrong(protocol.MaxLossText+1, "the expression has %d bytes, at most %d are allowed: shorten it",
			len(text), protocol.MaxLossText)
	}
	ts, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: ts}
	if p.peek().kind == 0 {
		return nil, wrong(1, "the expression is empty: write one such as mean(-logp)")
	}
	x, err := p.expr()
	if err != nil {
		return nil, err
	}
	switch t := p.peek(); {
	case t.kind == ')':
		return nil, wrong(t.column, "this ) closes nothing: remove it or add a ( before")
	case t.kind != 0:
		return nil, wrong(t.column, "found %s after a whole expression: put an operator before it", t.describe())
	case x.vector:
		return nil, wrong(x.column, "the result is a vector, one number per token, but a loss is one number: wrap it in mean(...) or sum(...)")
	case !x.uses:
		return nil, wrong(x.column, "the loss does not depend on logp, so nothing would be trained: use logp in it")
	}
	return x, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != 0 {
		p.at++
	}
	return t
}

// enter counts a level of nesting; the caller leaves it by p.depth--.
func (p *parser) enter(t token) error {
	if p.depth++; p.depth > MaxDepth {
		return wrong(t.column, "nested deeper than %d levels: simplify the expression", MaxDepth)
	}
	return nil
}

// make checks the types of a new node and gives it its own.
func (p *parser) make(name string, column int, args ...*node) (*node, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return nil, wrong(column, "more than %d numbers, names and operations: simplify the expression", MaxNodes)
	}
	x := &node{name: name, column: column, args: args}
	for _, a := range args {
		x.vector = x.vector || a.vector
		x.uses = x.uses || a.uses
	}
	if name == "mean" || name == "sum" {
		if !x.vector {
			return nil, wrong(column, "%s takes a vector but its argument is one number: remove %s, or use logp or t inside", name, name)
		}
		x.vector = false
	}
	if name == "clip" {
		lo, okLo := args[1].constant()
		hi, okHi := args[2].constant()
		if okLo && okHi && !(lo < hi) {
			return nil, wrong(column, "clip(x, low, high) has low %g, which is not below high %g: exchange them", lo, hi)
		}
	}
	return x, nil
}

func (p *parser) expr() (*node, error) { return p.chain("+-", p.term) }
func (p *parser) term() (*node, error) { return p.chain("*/", p.sign) }

// chain reads operands between operators of one rank, from left to right.
func (p *parser) chain(operators string, operand func() (*node, error)) (*node, error) {
	x, err := operand()
	for err == nil && p.peek().kind != 0 && strings.IndexByte(operators, p.peek().kind) >= 0 {
		op := p.next()
		var y *node
		if y, err = operand(); err == nil {
			x, err = p.make(op.text, op.column, x, y)
		}
	}
	return x, err
}

func (p *parser) sign() (*node, error) {
	if p.peek().kind != '-' {
		return p.power()
	}
	op := p.next()
	if err := p.enter(op); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	x, err := p.sign()
	if err != nil {
		return nil, err
	}
	return p.make("neg", op.column, x)
}

func (p *parser) power() (*node, error) {
	x, err := p.primary()
	if err != nil || p.peek().kind != '^' {
		return x, err
	}
	op := p.next()
	negative := p.peek().kind == '-'
	if negative {
		p.next()
	}
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	v, ok := e.constant()
	if negative {
		v = -v
	}
	switch {
	case !ok:
		return nil, wrong(e.column, "the exponent must be a number: write exp(y*log(x)) for x^y")
	case v == 0 || math.IsNaN(v) || math.Abs(v) > MaxExponent:
		return nil, wrong(e.column, "the exponent is %g: it must not be 0 and at most %d in magnitude", v, MaxExponent)
	case p.peek().kind == '^':
		return nil, wrong(p.peek().column, "a second ^ is ambiguous: use parentheses, (a^2)^3")
	}
	x, err = p.make("^", op.column, x)
	if err == nil {
		x.value = v
	}
	return x, err
}

func (p *parser) primary() (*node, error) {
	t := p.next()
	if err := p.enter(t); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	switch t.kind {
	case 'n':
		x, err := p.make("number", t.column)
		if err == nil {
			x.value = t.value
		}
		return x, err
	case 'a':
		return p.name(t)
	case '(':
		x, err := p.expr()
		if err != nil {
			return nil, err
		}
		return x, p.closes(t)
	}
	return nil, wrong(t.column, "found %s where a number, a name or ( is needed", t.describe())
}

// closes takes the ) of the ( at open.
func (p *parser) closes(open token) error {
	if t := p.next(); t.kind != ')' {
		return wrong(t.column, "found %s where the ( of column %d needs its ): add )", t.describe(), open.column)
	}
	return nil
}

func (p *parser) name(t token) (*node, error) {
	vector, input := inputs[t.text]
	arity, function := functions[t.text]
	open := p.peek()
	switch {
	case input && open.kind == '(':
		return nil, wrong(open.column, "%s is not a function: put an operator between %s and (", t.text, t.text)
	case input:
		x, err := p.make(t.text, t.column)
		if err == nil {
			x.vector, x.uses = vector, t.text == "logp"
		}
		return x, err
	case !function:
		return nil, wrong(t.column, "unknown name %q: the inputs are %s, the functions %s", t.text, names(inputs), names(functions))
	case open.kind != '(':
		return nil, wrong(open.column, "found %s after the function %s: write %s(...)", open.describe(), t.text, t.text)
	}
	p.next()
	var args []*node
	for {
		x, err := p.expr()
		if err != nil {
			return nil, err
		}
		if args = append(args, x); p.peek().kind != ',' {
			break
		}
		p.next()
	}
	if err := p.closes(open); err != nil {
		return nil, err
	}
	if len(args) != arity {
		return nil, wrong(t.column, "%s takes %d arguments but got %d", t.text, arity, len(args))
	}
	return p.make(t.text, t.column, args...)
}

func names[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
