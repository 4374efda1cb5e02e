package oracle

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	// gorgonia refuses to start with a Go version that this module does not name.
	_ "go4.org/unsafe/assume-no-moving-gc"
)

// graph builds an expression and keeps the first error, so that formulas read as formulas.
type graph struct {
	g   *G.ExprGraph
	n   int
	err error
}

// input is a matrix of given numbers. Names are made unique, because gorgonia merges nodes of equal names.
func (b *graph) input(name string, data []float64, rows, cols int) *G.Node {
	b.n++
	return G.NewMatrix(b.g, tensor.Float64, G.WithShape(rows, cols), G.WithName(fmt.Sprintf("%s#%d", name, b.n)),
		G.WithValue(tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(data))))
}

func (b *graph) keep(n *G.Node, err error) *G.Node {
	if err != nil && b.err == nil {
		b.err = err
	}
	return n
}

func (b *graph) two(op func(x, y *G.Node) (*G.Node, error), x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.keep(op(x, y))
}

func (b *graph) one(op func(x *G.Node) (*G.Node, error), x *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.keep(op(x))
}

func (b *graph) mul(x, y *G.Node) *G.Node  { return b.two(G.Mul, x, y) }
func (b *graph) add(x, y *G.Node) *G.Node  { return b.two(G.Add, x, y) }
func (b *graph) each(x, y *G.Node) *G.Node { return b.two(G.HadamardProd, x, y) }
func (b *graph) times(x *G.Node, f float64) *G.Node {
	return b.two(G.HadamardProd, x, G.NewConstant(f))
}
func (b *graph) t(x *G.Node) *G.Node {
	return b.one(func(x *G.Node) (*G.Node, error) { return G.Transpose(x, 1, 0) }, x)
}
func (b *graph) softmax(x *G.Node) *G.Node {
	return b.one(func(x *G.Node) (*G.Node, error) { return G.SoftMax(x, 1) }, x)
}
func (b *graph) log(x *G.Node) *G.Node     { return b.one(G.Log, x) }
func (b *graph) square(x *G.Node) *G.Node  { return b.one(G.Square, x) }
func (b *graph) sqrt(x *G.Node) *G.Node    { return b.one(G.Sqrt, x) }
func (b *graph) inverse(x *G.Node) *G.Node { return b.one(G.Inverse, x) }
func (b *graph) sigmoid(x *G.Node) *G.Node { return b.one(G.Sigmoid, x) }
func (b *graph) total(x *G.Node) *G.Node {
	return b.one(func(x *G.Node) (*G.Node, error) { return G.Sum(x) }, x)
}

// filled is rows×cols numbers f(row, col).
func filled(rows, cols int, f func(i, j int) float64) []float64 {
	x := make([]float64, rows*cols)
	for i := range rows {
		for j := range cols {
			x[i*cols+j] = f(i, j)
		}
	}
	return x
}

// where is filled with 1 where f holds.
func where(rows, cols int, f func(i, j int) bool) []float64 {
	return filled(rows, cols, func(i, j int) float64 {
		if f(i, j) {
			return 1
		}
		return 0
	})
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
