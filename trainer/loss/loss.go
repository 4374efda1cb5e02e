package loss

import (
	"fmt"
	"math"
	"strings"

	"github.com/weftnet/weft/x/round/protocol"
)

// Expr is a loss that was written as an expression. It serves one goroutine at a time; Clone makes another for a second.
type Expr struct {
	text string
	tree *node
	m    *machine
}

// Parse reads an expression (without the prefix that a run's spec has) and derives it. An error of the text is an *Error.
// The derivative is not checked yet: Register does both.
func Parse(text string) (*Expr, error) {
	tree, err := parse(text)
	if err != nil {
		return nil, err
	}
	p, err := derive(tree)
	if err != nil {
		return nil, err
	}
	return &Expr{text: text, tree: tree, m: newMachine(p)}, nil
}

// Register is Parse, and refuses an expression whose derivative does not agree with finite differences.
func Register(text string) (*Expr, error) {
	e, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return e, e.Check()
}

// FromSpec is the loss that a run's spec names: nil for protocol.LossSFT, which is built into the decoder, and the
// registered expression after protocol.LossExpr. Anything else is an error.
func FromSpec(name string) (*Expr, error) {
	if name == protocol.LossSFT {
		return nil, nil
	}
	text, ok := strings.CutPrefix(name, protocol.LossExpr)
	if !ok {
		return nil, fmt.Errorf("%q is not a loss: write %s, or %s and an expression such as mean(-logp)",
			name, protocol.LossSFT, protocol.LossExpr)
	}
	e, err := Register(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSuffix(protocol.LossExpr, ":"), err)
	}
	return e, nil
}

// String is the text.
func (e *Expr) String() string { return e.text }

// Clone is the same loss with its own memory.
func (e *Expr) Clone() *Expr { return &Expr{text: e.text, tree: e.tree, m: newMachine(e.m.p)} }

// Sequence returns the loss of one sequence whose answer tokens have the natural log-probabilities logp [answer tokens],
// and fills grad, of the same length, with its derivative with respect to each of them. It allocates only when a sequence
// is longer than every one before. If the loss or a derivative is infinite or not a number, the loss is NaN and grad is
// zero: the step is then a no-op. A sequence of no tokens has loss 0.
func (e *Expr) Sequence(logp, grad []float64) float64 {
	if len(grad) != len(logp) {
		panic(fmt.Sprintf("loss: %d log-probabilities but room for %d derivatives", len(logp), len(grad)))
	}
	if len(logp) == 0 {
		return 0
	}
	e.m.run(logp)
	value := e.m.numbers[e.m.p.value]
	ok := finite(value)
	for k, v := range e.m.vector(e.m.p.grad) {
		grad[k] = v
		ok = ok && finite(v)
	}
	if !ok {
		fill(grad, 0)
		return math.NaN()
	}
	return value
}

func finite(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }
