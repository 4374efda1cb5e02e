package exact

// Operands of products are stored as words, one unit of a chain each: the bits of a float32 under exact-f32, a pair of
// bfloat16 under exact-bf16 (the element with the even index in the low half, the end of an odd row padded with zero).
// Matrices of operands are row-major with a whole number of words per row. A shape given for operands counts elements; one
// given for words or units counts words.

// Units is the number of words that n operands take.
func (a *arith) Units(n int) int {
	if a.num == BFloat16 {
		return (n + 1) / 2
	}
	return n
}

// Rows is a strided view of operands: word u of row i is Data[i*Row+u*Unit].
type Rows struct {
	Data      []uint32 // words [rows][units] with the strides Row and Unit
	Row, Unit int
}

// Dense is the view of a row-major matrix, words [rows][ld]: ld words from one row to the next.
func Dense(data []uint32, ld int) Rows { return Rows{data, ld, 1} }

// Across is the transposed view of units that run down the columns of data, words [units][ld]: see arith.Across.
func Across(data []uint32, ld int) Rows { return Rows{data, 1, ld} }

// At is the view that starts at row i.
func (r Rows) At(i int) Rows { return Rows{r.Data[i*r.Row:], r.Row, r.Unit} }

// Panels is the right operand of a product: rows in groups of the kernel's width, each [unit][width].
type Panels struct {
	data  []uint32 // words [panels][units][width]; nil where of is not
	of    *Panels  // the matrix whose transpose this is: panels are derived when they are used
	rows  int
	units int
	width int // rows of a panel
}

// Rows is the number of rows, which are the columns of a product.
func (p *Panels) Rows() int { return p.rows }

// Bytes is the memory that the panels hold.
func (p *Panels) Bytes() int { return 4 * len(p.data) }

// count is the number of panels.
func (p *Panels) count() int { return (p.rows + p.width - 1) / p.width }

// resize prepares p for a matrix of rows by units, every word of which will be written but the padding.
func (a *arith) resize(p *Panels, rows, units int) *Panels {
	if p == nil {
		p = new(Panels)
	}
	w := a.k.nr
	p.rows, p.units, p.width, p.of = rows, units, w, nil
	p.data = grow(p.data, p.count()*units*w)
	if last := rows % w; last != 0 {
		clear(p.data[(p.count()-1)*units*w:])
	}
	return p
}

// PackAlong lays the rows of m, words [rows][units] with rows ld apart, out whose units run along them: element by element.
// With p nil a new Panels is made. The memory of p is reused.
func (a *arith) PackAlong(p *Panels, m []uint32, ld, rows, units int) *Panels {
	p = a.resize(p, rows, units)
	w := p.width
	for r := 0; r < rows && units > 0; r++ {
		src := m[r*ld:][:units]
		d := p.data[r/w*units*w+r%w:]
		for u, v := range src {
			d[u*w] = v
		}
	}
	return p
}

// PackAcross lays out the transpose of m[k][rows], a row-major matrix of operands with rows ld words apart: the units of
// the panels run down m's columns, which are the panels' rows.
func (a *arith) PackAcross(p *Panels, m []uint32, ld, k, rows int) *Panels {
	p = a.resize(p, rows, a.Units(k))
	for i := 0; i < p.count() && k > 0; i++ {
		a.packAcross(p, i, m, ld, k)
	}
	return p
}

// packAcross writes panel i of PackAcross, words [units][width].
func (a *arith) packAcross(p *Panels, i int, m []uint32, ld, k int) {
	w := p.width
	cols := min(w, p.rows-i*w)
	dst, src := p.data[i*p.units*w:], m[a.Units(i*w):]
	done := 0
	if per := a.PerUnit(); a.k.rows != nil && k >= per {
		full := k / per
		for ; done+16 <= cols; done += 16 {
			off := a.Units(done)
			a.k.rows.across(&dst[done], &src[off], &src[off+(per-1)*ld], full, w, per*ld)
		}
		for u := full; u < p.units; u++ { // the odd end
			a.acrossGo(dst[u*w:], src[u*per*ld:], nil, done)
		}
	}
	if done == cols {
		return
	}
	off := a.Units(done)
	for u := range p.units {
		var second []uint32
		if a.num == BFloat16 && 2*u+1 < k {
			second = src[(2*u+1)*ld+off:]
		}
		a.acrossGo(dst[u*w+done:], src[u*a.PerUnit()*ld+off:], second, cols-done)
	}
}

// Across writes the units of n columns, words dst [n], whose elements are row x and, under bf16 rules, row y (nil: zeros),
// operands [n] each.
func (a *arith) Across(dst, x, y []uint32, n int) {
	done := 0
	if a.k.rows != nil && n >= 16 && (y != nil || a.num == F32) {
		if y == nil {
			y = x
		}
		done = n &^ 15
		a.k.rows.across(&dst[0], &x[0], &y[0], done/16, 16, a.Units(16))
	}
	if done == n {
		return
	}
	off := a.Units(done)
	if y != nil {
		y = y[off:]
	}
	a.acrossGo(dst[done:], x[off:], y, n-done)
}

// RowsAcross writes m rows of n operands, src [m][n], as units down the columns, words dst [units of m][n]: Across for
// every unit. ldd and lds are the words from one unit, and from one row, to the next.
func (a *arith) RowsAcross(dst, src []uint32, ldd, lds, m, n int) {
	per := a.PerUnit()
	for r := 0; r < m; r += per {
		var y []uint32
		if per == 2 && r+1 < m {
			y = src[(r+1)*lds:]
		}
		a.Across(dst[r/per*ldd:][:n], src[r*lds:], y, n)
	}
}

// PerUnit is the number of elements of a unit.
func (a *arith) PerUnit() int {
	if a.num == BFloat16 {
		return 2
	}
	return 1
}

// acrossGo is Across in plain Go.
func (a *arith) acrossGo(dst, x, y []uint32, n int) {
	if a.num == F32 {
		copy(dst[:n], x)
		return
	}
	for i := range n {
		v := x[i/2] >> (16 * (i % 2)) & 0xffff
		if y != nil {
			v |= y[i/2] >> (16 * (i % 2)) << 16
		}
		dst[i] = v
	}
}

// derive writes units [u0,u1) of panel i of the transpose of p to dst, words [u1-u0][width].
func (a *arith) derive(dst []uint32, p *Panels, i, u0, u1 int) {
	w := p.width
	first := i * w // element of p's units that is the panel's first row
	if a.num == F32 {
		cols := min(w, p.units-first)
		for u := u0; u < u1; u++ {
			src := p.data[(u/w*p.units+first)*w+u%w:]
			d := dst[(u-u0)*w:][:w]
			for r := range cols {
				d[r] = src[r*w]
			}
			clear(d[cols:])
		}
		return
	}
	for u := u0; u < u1; u++ {
		x := p.data[2*u/w*p.units*w+2*u%w:]
		var y []uint32
		if 2*u+1 < p.rows {
			y = p.data[(2*u+1)/w*p.units*w+(2*u+1)%w:]
		}
		d := dst[(u-u0)*w:][:w]
		for r := range d {
			k := (first + r) / 2
			if k >= p.units {
				d[r] = 0
				continue
			}
			sh := 16 * ((first + r) % 2)
			v := x[k*w] >> sh & 0xffff
			if y != nil {
				v |= y[k*w] >> sh << 16
			}
			d[r] = v
		}
	}
}

// Transpose is p's transpose without a copy: k is the number of p's columns. Its panels are made whenever they are used.
func (p *Panels) Transpose(a *Engine, k int) *Panels {
	return &Panels{of: p, rows: k, units: a.Units(p.rows), width: p.width}
}

// Materialise makes the panels of a transpose, which Transpose left to be derived.
func (e *Engine) Materialise(p *Panels) *Panels {
	if p.of == nil {
		return p
	}
	q := e.resize(nil, p.rows, p.units)
	per := q.units * q.width
	e.Run(q.count(), func(i int, t *Thread) { t.derive(q.data[i*per:(i+1)*per], p.of, i, 0, q.units) })
	return q
}
