package loss

import (
	"fmt"
	"strings"
	"sync"

	G "gorgonia.org/gorgonia"
)

// building guards gorgonia: graphs share constants.
var building sync.Mutex

// derive lets gorgonia differentiate x with respect to logp and reads the program off its graph.
func derive(x *node) (*program, error) {
	building.Lock()
	defer building.Unlock()
	b := newGraph()
	out := b.lower(x)
	if b.err != nil {
		return nil, fmt.Errorf("building the graph: %w", b.err)
	}
	with, err := G.Grad(out, b.inputs["logp"])
	if err != nil {
		return nil, fmt.Errorf("differentiating: %w", err)
	}
	r := reader{b: b, done: map[*G.Node]int{}}
	p := &r.p
	if p.value, err = r.read(out); err != nil {
		return nil, err
	}
	if p.grad, err = r.read(with[0]); err != nil {
		return nil, err
	}
	p.grad = r.vector(p.grad)
	if len(p.code) > maxProgram {
		return nil, fmt.Errorf("value and derivative take %d operations, more than %d: simplify the expression", len(p.code), maxProgram)
	}
	p.assign(true)
	return p, nil
}

// unaryOps and binaryOps are gorgonia's operations by the names that it gives them.
var (
	unaryOps = map[string]op{"neg": opNeg, "abs": opAbs, "sign": opSign, "exp": opExp, "ln": opLog, "sqrt": opSqrt,
		"sigmoid": opSigmoid, "tanh": opTanh, "softplus": opSoftplus}
	// "true" is part of the name of a comparison that gives numbers.
	binaryOps = map[string]op{"+ false": opAdd, "- false": opSub, "⊙ false": opMul, "÷ false": opDiv, "== true": opEqual,
		"MinBetween": opMin, "MaxBetween": opMax}
)

// reader turns nodes of a graph into instructions, each once, operands first.
type reader struct {
	b    *graph
	p    program
	done map[*G.Node]int
}

func (r *reader) read(n *G.Node) (int, error) {
	if i, ok := r.done[n]; ok {
		return i, nil
	}
	i, err := r.translate(n)
	if err != nil {
		return 0, err
	}
	r.done[n] = i
	return i, nil
}

func (r *reader) translate(n *G.Node) (int, error) {
	if n.IsVar() {
		return r.variable(n.Name())
	}
	var children []*G.Node
	for it := n.Graph().From(n.ID()); it.Next(); {
		children = append(children, it.Node().(*G.Node))
	}
	if len(children) == 0 {
		c, ok := n.Value().Data().(float64)
		if !ok {
			return 0, fmt.Errorf("gorgonia's constant %s is not a float64", n)
		}
		return r.emit(instr{op: opConst, c: c}), nil
	}
	name := n.Op().String()
	repeat := strings.HasPrefix(name, "Repeat")
	if repeat {
		children = children[:1] // the other is the number of times, which is n
	}
	args := make([]int, len(children))
	for i, c := range children {
		var err error
		if args[i], err = r.read(c); err != nil {
			return 0, err
		}
	}
	u, isUnary := unaryOps[name]
	two, isBinary := binaryOps[name]
	switch {
	case repeat:
		return r.vector(args[0]), nil
	case strings.HasPrefix(name, "Reshape"): // of one number to a vector of one, before a Repeat
		return args[0], nil
	case strings.HasPrefix(name, "Σ"):
		return r.emit(instr{op: opSum, a: args[0]}), nil
	case isUnary && len(args) == 1:
		return r.emit(instr{op: u, a: args[0], vector: r.p.code[args[0]].vector}), nil
	case isBinary && len(args) == 2:
		return r.binary(two, args[0], args[1]), nil
	}
	return 0, fmt.Errorf("gorgonia's operation %q with %d operands has no exact definition here", name, len(args))
}

func (r *reader) variable(name string) (int, error) {
	if c, ok := r.b.constants[name]; ok {
		return r.emit(instr{op: opConst, c: c}), nil
	}
	switch name {
	case "logp":
		return r.emit(instr{op: opLogp, vector: true}), nil
	case "t":
		return r.emit(instr{op: opPosition, vector: true}), nil
	case "n":
		return r.emit(instr{op: opCount}), nil
	case zeros:
		return r.vector(r.emit(instr{op: opConst})), nil
	}
	return 0, fmt.Errorf("gorgonia's graph has an unknown input %q", name)
}

// binary emits x op y without what changes no value: a factor of 1, and the vector of zeros that spreads a number.
func (r *reader) binary(o op, x, y int) int {
	one := func(i int) bool { return r.p.code[i].op == opConst && r.p.code[i].c == 1 }
	zero := func(i int) bool {
		in := r.p.code[i]
		return in.op == opSpread && r.p.code[in.a].op == opConst && r.p.code[in.a].c == 0
	}
	switch {
	case o == opMul && one(x):
		return y
	case o == opMul && one(y):
		return x
	case o == opAdd && zero(x) && !r.p.code[y].vector:
		return r.vector(y)
	}
	return r.emit(instr{op: o, a: x, b: y, vector: r.p.code[x].vector || r.p.code[y].vector})
}

// vector spreads a number over the tokens.
func (r *reader) vector(i int) int {
	if r.p.code[i].vector {
		return i
	}
	return r.emit(instr{op: opSpread, a: i, vector: true})
}

func (r *reader) emit(in instr) int {
	r.p.code = append(r.p.code, in)
	return len(r.p.code) - 1
}
