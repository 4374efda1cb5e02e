package loss

// op is an instruction of a program. Every one is elementwise, but for the sum.
type op uint8

const (
	opInvalid op = iota
	opConst      // c
	opLogp
	opPosition // 0, 1, …, n-1
	opCount    // n
	opSpread   // one number for all tokens
	opSum      // in ascending order from +0
	opNeg
	opAbs
	opSign // -1, 0 or 1
	opExp
	opLog
	opSqrt
	opSigmoid
	opTanh
	opSoftplus // log(1 + e^x)
	opAdd
	opSub
	opMul
	opDiv
	opMin
	opMax
	opEqual // 1 where equal, else 0
)

// instr computes a value from earlier ones.
type instr struct {
	op     op
	a, b   int // instructions
	c      float64
	vector bool
	at     int // slot of a vector
}

// program is straight-line code; instruction i reads only those before it.
type program struct {
	code        []instr
	slots       int // vectors that are alive at a time
	value, grad int // instructions that give the loss and its derivative
}

// operands is how many of a and b an instruction reads.
func (o op) operands() int {
	switch {
	case o <= opCount:
		return 0
	case o <= opSoftplus:
		return 1
	}
	return 2
}

// assign gives vectors their slots. With reuse a slot is taken again after the last reading of its vector; an
// instruction may write to the slot of its own operand, since it works element by element.
func (p *program) assign(reuse bool) {
	last := make([]int, len(p.code)) // [instructions]: the last one that reads each
	for i, in := range p.code {
		for k := range in.op.operands() {
			last[[2]int{in.a, in.b}[k]] = i
		}
	}
	last[p.value], last[p.grad] = len(p.code), len(p.code)
	var free []int // slots, the one to be taken next last
	p.slots = 0
	for i := range p.code {
		in := &p.code[i]
		if reuse {
			for k := range in.op.operands() {
				x := [2]int{in.a, in.b}[k]
				if p.code[x].vector && last[x] == i && (k == 0 || in.a != in.b) {
					free = append(free, p.code[x].at)
				}
			}
		}
		if !in.vector {
			continue
		}
		if len(free) == 0 {
			free, p.slots = append(free, p.slots), p.slots+1
		}
		in.at, free = free[len(free)-1], free[:len(free)-1]
	}
}
