package exact

// Seg is one segment of a chain: units [From, From+Units) of the products of A(i,u) and B(j,u).
type Seg struct {
	A           Rows
	B           *Panels
	From, Units int
}

// Part is the segment of all of B's units.
func Part(a Rows, b *Panels) Seg { return Seg{A: a, B: b, Units: b.units} }

// blockK is the number of kernel units after which the accumulators are stored and the next block continues them.
const blockK = 512

// Product computes panels [p0,p1) of C[m][…] = the chain over a segment, each element starting from +0, or from C itself
// if cont, which is how segments follow each other. c is [m][(p1-p0)·width], from the element of row 0 and of the first
// column of panel p0 on; rows are ldc apart and as wide as whole panels. No order depends on threads or on the kernel. A
// chain of no terms is +0.
func (t *Thread) Product(c []float32, ldc, m, p0, p1 int, cont bool, s Seg) {
	tiles := int64(0)
	for u0 := s.From; u0 < s.From+s.Units; u0 += blockK {
		u1 := min(u0+blockK, s.From+s.Units)
		x := t.left(s.A, m, u0, u1)
		for p := p0; p < p1; p++ {
			tiles += t.column(c[(p-p0)*t.k.nr:], ldc, m, x, t.panel(s.B, p, u0, u1), cont)
		}
		cont = true
	}
	t.calls.Add(tiles)
	if !cont {
		for i := range m {
			clear(c[i*ldc:][:(p1-p0)*t.k.nr])
		}
	}
}

// column continues one panel of C, c [m][width], by all rows of x, words [m][k], and the panel b, [k][width].
func (t *Thread) column(c []float32, ldc, m int, x Rows, b []uint32, cont bool) int64 {
	k := len(b) / t.k.nr
	n := (m + t.k.mr - 1) / t.k.mr
	for i, lo := 0, 0; i < n; i++ {
		hi := m * (i + 1) / n // tiles of nearly equal height
		t.tile(hi-lo, k, x.Data[lo*x.Row:], x.Row, x.Unit, b, c[lo*ldc:], ldc, cont)
		lo = hi
	}
	return int64(n)
}

// widened tells whether operands are pairs that the kernel takes as float32.
func (a *arith) widened() bool { return a.num == BFloat16 && !a.k.pairs }

// left is units [u0,u1) of the left operand's m rows as the kernel takes them: [m][u1-u0], or widened [m][2·(u1-u0)].
func (t *Thread) left(r Rows, m, u0, u1 int) Rows {
	r.Data = r.Data[u0*r.Unit:]
	if !t.widened() {
		return r
	}
	n := u1 - u0
	t.a = grow(t.a, 2*n*m)
	if r.Unit == 1 {
		for i := range m {
			t.expandRow(t.a[i*2*n:][:2*n], r.Data[i*r.Row:][:n])
		}
		return Rows{t.a, 2 * n, 1}
	}
	for u := range n {
		t.expandPanel(t.a[2*u*m:], r.Data[u*r.Unit:][:m], 1, m)
	}
	return Rows{t.a, 1, m}
}

// panel is units [u0,u1) of panel p as the kernel takes them: [u1-u0][width], or widened [2·(u1-u0)][width].
func (t *Thread) panel(b *Panels, p, u0, u1 int) []uint32 {
	w, n := b.width, u1-u0
	var d []uint32
	if b.of != nil {
		t.b = grow(t.b, n*w)
		d = t.b
		t.derive(d, b.of, p, u0, u1)
	} else {
		d = b.data[(p*b.units+u0)*w:][:n*w]
	}
	if !t.widened() {
		return d
	}
	t.wide = grow(t.wide, 2*n*w)
	t.expandPanel(t.wide, d, n, w)
	return t.wide
}

// expandRow widens pairs src [units] to float32 dst [2·units], the odd element of each first.
func (a *arith) expandRow(dst, src []uint32) {
	n := 0
	if a.k.rows != nil && len(src) >= 16 {
		n = len(src) &^ 15
		a.k.rows.expandRow(&dst[0], &src[0], n)
	}
	for i, w := range src[n:] {
		dst[2*(n+i)], dst[2*(n+i)+1] = w&0xffff0000, w<<16
	}
}

// expandPanel widens a panel src [count][width] to dst [2·count][width]: of every unit the row of odd elements comes first,
// then that of even ones.
func (a *arith) expandPanel(dst, src []uint32, count, width int) {
	n := 0
	for ; a.k.rows != nil && n+16 <= width; n += 16 {
		a.k.rows.expandPanel(&dst[n], &src[n], count, width)
	}
	if n == width {
		return
	}
	for u := range count {
		d, s := dst[2*u*width:], src[u*width:]
		for i := n; i < width; i++ {
			d[i], d[width+i] = s[i]&0xffff0000, s[i]<<16
		}
	}
}

// Panels is the number of panels of a product with n columns.
func (a *arith) Panels(n int) int { return (n + a.k.nr - 1) / a.k.nr }

// Width is the number of columns of a panel.
func (a *arith) Width() int { return a.k.nr }

// Padded is n rounded up to whole panels.
func (a *arith) Padded(n int) int { return a.Panels(n) * a.k.nr }

// Height is the number of rows of a full tile.
func (a *arith) Height() int { return a.k.mr }
