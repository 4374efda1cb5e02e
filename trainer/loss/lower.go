package loss

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	// gorgonia refuses to start with a Go version that this module does not name.
	_ "go4.org/unsafe/assume-no-moving-gc"
)

// symbolic is the length of vectors in the graph. The program that is read off it does not depend on it.
const symbolic = 7

// graph builds an expression in gorgonia's primitives and keeps the first error.
//
// Not used, because gorgonia gets them wrong or changes them: the derivatives of InverseSqrt and Log2; Slice; Pow, whose
// derivative takes the logarithm of the base; constants of gorgonia's own kind, which make it rewrite log(1+x) by
// removing a node that may have another use. Constants are inputs instead.
type graph struct {
	g         *G.ExprGraph
	inputs    map[string]*G.Node
	constants map[string]float64 // by the name of their input
	err       error
}

// zeros is a vector of zeros: zeros + s spreads a number s over the tokens where gorgonia needs equal shapes.
const zeros = "zeros"

func newGraph() *graph {
	b := &graph{g: G.NewGraph(), inputs: map[string]*G.Node{}, constants: map[string]float64{}}
	for name, vector := range inputs {
		b.inputs[name] = b.input(name, vector)
	}
	b.inputs[zeros] = b.input(zeros, true)
	return b
}

func (b *graph) input(name string, vector bool) *G.Node {
	if vector {
		return G.NewVector(b.g, tensor.Float64, G.WithShape(symbolic), G.WithName(name))
	}
	return G.NewScalar(b.g, tensor.Float64, G.WithName(name))
}

// number is a constant as an input that is named by its bits.
func (b *graph) number(v float64) *G.Node {
	name := fmt.Sprintf("#%016x", math.Float64bits(v))
	if n, ok := b.inputs[name]; ok {
		return n
	}
	n := b.input(name, false)
	b.inputs[name], b.constants[name] = n, v
	return n
}

func (b *graph) one(op func(x *G.Node) (*G.Node, error), x *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	n, err := op(x)
	b.err = err
	return n
}

func (b *graph) two(op func(x, y *G.Node) (*G.Node, error), x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	n, err := op(x, y)
	b.err = err
	return n
}

// sum is needed as a function of one argument.
func sum(x *G.Node) (*G.Node, error) { return G.Sum(x) }

// lower returns x as a node of the graph, or nil after an error.
func (b *graph) lower(x *node) *G.Node {
	args := make([]*G.Node, len(x.args))
	for i, a := range x.args {
		args[i] = b.lower(a)
	}
	if b.err != nil {
		return nil
	}
	if in, ok := b.inputs[x.name]; ok && len(args) == 0 {
		return in
	}
	switch x.name {
	case "number":
		return b.number(x.value)
	case "neg":
		return b.one(G.Neg, args[0])
	case "+":
		return b.two(G.Add, args[0], args[1])
	case "-":
		return b.two(G.Sub, args[0], args[1])
	case "*":
		return b.two(G.HadamardProd, args[0], args[1])
	case "/":
		return b.two(G.HadamardDiv, args[0], args[1])
	case "^":
		return b.power(args[0], x.value)
	case "exp":
		return b.one(G.Exp, args[0])
	case "log":
		return b.one(G.Log, args[0])
	case "sqrt":
		return b.one(G.Sqrt, args[0])
	case "abs":
		return b.one(G.Abs, args[0])
	case "sigmoid":
		return b.one(G.Sigmoid, args[0])
	case "tanh":
		return b.one(G.Tanh, args[0])
	case "min":
		return b.select2(G.MinBetween, x.args[0].vector, x.args[1].vector, args[0], args[1])
	case "max":
		return b.select2(G.MaxBetween, x.args[0].vector, x.args[1].vector, args[0], args[1])
	case "clip":
		v := x.args[0].vector
		low := b.select2(G.MaxBetween, v, x.args[1].vector, args[0], args[1])
		return b.select2(G.MinBetween, v || x.args[1].vector, x.args[2].vector, low, args[2])
	case "sum":
		return b.one(sum, args[0])
	case "mean":
		return b.two(G.HadamardDiv, b.one(sum, args[0]), b.inputs["n"])
	}
	b.err = fmt.Errorf("no graph is known for %q", x.name)
	return nil
}

// select2 spreads the number among a number and a vector before op.
func (b *graph) select2(op func(x, y *G.Node) (*G.Node, error), vx, vy bool, x, y *G.Node) *G.Node {
	if vx && !vy {
		y = b.two(G.Add, b.inputs[zeros], y)
	}
	if vy && !vx {
		x = b.two(G.Add, b.inputs[zeros], x)
	}
	return b.two(op, x, y)
}

// power is x^e: products for whole numbers, of the square root for halves, and exp(e·log x) for other exponents.
func (b *graph) power(x *G.Node, e float64) *G.Node {
	m := math.Abs(e)
	switch {
	case m == math.Trunc(m):
		x = b.whole(x, int(m))
	case 2*m == math.Trunc(2*m):
		x = b.whole(b.one(G.Sqrt, x), int(2*m))
	default:
		return b.one(G.Exp, b.two(G.HadamardProd, b.number(e), b.one(G.Log, x)))
	}
	if e < 0 {
		x = b.two(G.HadamardDiv, b.number(1), x)
	}
	return x
}

// whole is x^k for k ≥ 1: the bits of k from the second highest down, squaring, and multiplying by x where one is set.
func (b *graph) whole(x *G.Node, k int) *G.Node {
	bit := 1
	for bit*2 <= k {
		bit *= 2
	}
	y := x
	for bit /= 2; bit > 0; bit /= 2 {
		y = b.two(G.HadamardProd, y, y)
		if k&bit != 0 {
			y = b.two(G.HadamardProd, y, x)
		}
	}
	return y
}
