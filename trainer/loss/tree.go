package loss

// Limits of an expression, besides protocol.MaxLossText bytes. They bound the time and memory that a vote can cost a trainer.
const (
	MaxDepth    = 32   // parentheses, functions and signs inside each other
	MaxNodes    = 128  // numbers, names, operators and functions
	MaxExponent = 16   // magnitude of the number after ^
	maxProgram  = 4096 // instructions of value and derivative
)

// node is an expression that fits its types. name is a number's "number", an input's, an operator's or a function's.
type node struct {
	name   string
	value  float64 // of a number, or the exponent of ^
	args   []*node
	vector bool // one number per answer token; otherwise one number
	uses   bool // depends on logp
	column int
}

// inputs are what an expression is made of; true for a vector.
var inputs = map[string]bool{"logp": true, "t": true, "n": false}

// functions by name with the number of their arguments.
var functions = map[string]int{
	"exp": 1, "log": 1, "sqrt": 1, "abs": 1, "sigmoid": 1, "tanh": 1,
	"min": 2, "max": 2, "clip": 3,
	"mean": 1, "sum": 1,
}

// constant is the value of an expression of numbers and + - * / alone.
func (x *node) constant() (float64, bool) {
	if x.name == "number" {
		return x.value, true
	}
	var v [2]float64
	for i, a := range x.args {
		c, ok := a.constant()
		if !ok || i > 1 {
			return 0, false
		}
		v[i] = c
	}
	switch x.name {
	case "neg":
		return -v[0], true
	case "+":
		return v[0] + v[1], true
	case "-":
		return v[0] - v[1], true
	case "*":
		return float64(v[0] * v[1]), true // rounded: it may feed an addition
	case "/":
		return v[0] / v[1], true
	}
	return 0, false
}
