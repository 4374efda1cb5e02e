package loss

import "math"

// machine runs a program. It keeps its memory between runs and serves one goroutine at a time.
type machine struct {
	p       *program
	numbers []float64 // [instructions]; unused for those that give a vector
	vectors []float64 // [slots][n]
	n       int       // answer tokens of the sequence
}

func newMachine(p *program) *machine { return &machine{p: p, numbers: make([]float64, len(p.code))} }

// vector is instruction i's, [n].
func (m *machine) vector(i int) []float64 {
	at := m.p.code[i].at * m.n
	return m.vectors[at : at+m.n]
}

// run evaluates the program at logp [answer tokens]. What it computes is read by vector and numbers.
func (m *machine) run(logp []float64) {
	m.n = len(logp)
	if need := m.p.slots * m.n; cap(m.vectors) < need {
		m.vectors = make([]float64, need)
	} else {
		m.vectors = m.vectors[:need]
	}
	for i := range m.p.code {
		switch in := &m.p.code[i]; {
		case !in.vector:
			m.numbers[i] = m.number(in)
		case in.op == opLogp:
			copy(m.vector(i), logp)
		case in.op == opPosition:
			for k, out := 0, m.vector(i); k < len(out); k++ {
				out[k] = float64(k)
			}
		case in.op == opSpread:
			fill(m.vector(i), m.numbers[in.a])
		case in.op.operands() == 1:
			out, x := m.vector(i), m.vector(in.a)
			for k := range out {
				out[k] = one(in.op, x[k])
			}
		default:
			m.pairs(in, m.vector(i))
		}
	}
}

// number is an instruction that gives one number.
func (m *machine) number(in *instr) float64 {
	switch in.op {
	case opConst:
		return in.c
	case opCount:
		return float64(m.n)
	case opSum:
		if !m.p.code[in.a].vector {
			return m.numbers[in.a]
		}
		s := 0.0
		for _, v := range m.vector(in.a) {
			s += v
		}
		return s
	}
	if in.op.operands() == 1 {
		return one(in.op, m.numbers[in.a])
	}
	return two(in.op, m.numbers[in.a], m.numbers[in.b])
}

// pairs is an instruction of two operands of which one or both are vectors, as out [n].
func (m *machine) pairs(in *instr, out []float64) {
	switch {
	case !m.p.code[in.a].vector:
		x, y := m.numbers[in.a], m.vector(in.b)
		for k := range out {
			out[k] = two(in.op, x, y[k])
		}
	case !m.p.code[in.b].vector:
		x, y := m.vector(in.a), m.numbers[in.b]
		for k := range out {
			out[k] = two(in.op, x[k], y)
		}
	default:
		x, y := m.vector(in.a), m.vector(in.b)
		for k := range out {
			out[k] = two(in.op, x[k], y[k])
		}
	}
}

func one(o op, x float64) float64 {
	switch o {
	case opNeg:
		return -x
	case opAbs:
		return math.Abs(x)
	case opSign:
		return sign(x)
	case opExp:
		return exp(x)
	case opLog:
		return ln(x)
	case opSqrt:
		return math.Sqrt(x)
	case opSigmoid:
		return sigmoid(x)
	case opTanh:
		return tanh(x)
	case opSoftplus:
		return softplus(x)
	}
	return math.NaN()
}

// two rounds every product by a conversion: inlined into a sum it could be fused.
func two(o op, x, y float64) float64 {
	switch o {
	case opAdd:
		return x + y
	case opSub:
		return x - y
	case opMul:
		return float64(x * y)
	case opDiv:
		return x / y
	case opMin:
		return minimum(x, y)
	case opMax:
		return maximum(x, y)
	case opEqual:
		return equal(x, y)
	}
	return math.NaN()
}

func fill(x []float64, v float64) {
	for i := range x {
		x[i] = v
	}
}
