package main

import "github.com/weftnet/weft/trainer/exact"

// Under exact-f32 an operand is the flushed float32 itself, so this net keeps float32 everywhere and stores operands only
// for the products.

// flush makes x operands in place.
func (n *net) flush(x []float32) { n.e.Fetch(x, n.operands(0, x)) }

// operands stores x as operands in memory number i.
func (n *net) operands(i int, x []float32) []uint32 {
	b := &n.buf.ops[i]
	if cap(*b) < len(x) {
		*b = make([]uint32, len(x))
	}
	*b = (*b)[:len(x)]
	n.e.Round(*b, x)
	return *b
}

// product is c[m][cols] = the chains over the units of x and p, or c += them.
func (n *net) product(c []float32, m int, x exact.Rows, p *exact.Panels, more bool) {
	const part = 48
	cols, ld := p.Rows(), n.e.Padded(p.Rows())
	n.e.Run((m+part-1)/part, func(i int, t *exact.Thread) {
		lo, rows := i*part, min(part, m-i*part)
		y := t.Floats(0, rows*ld)
		for r := 0; more && r < rows; r++ {
			copy(y[r*ld:], c[(lo+r)*cols:(lo+r+1)*cols])
		}
		t.Product(y, ld, rows, 0, t.Panels(cols), more, exact.Part(x.At(lo), p))
		for r := range rows {
			copy(c[(lo+r)*cols:(lo+r+1)*cols], y[r*ld:])
		}
	})
}
