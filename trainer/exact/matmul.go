package exact

import "math"

// Mat is a view of float32 numbers: element (i,k) is Data[i*Row+k*Col]. All elements must already be operands, that is
// rounded by Engine.Round (and by nothing else) since they were computed.
type Mat struct {
	Data     []float32
	Row, Col int
}

// Rows is the view of a row-major matrix with ld elements from one row to the next.
func Rows(data []float32, ld int) Mat { return Mat{data, ld, 1} }

// T is the transposed view.
func (m Mat) T() Mat { return Mat{m.Data, m.Col, m.Row} }

// At is the view that starts at row i.
func (m Mat) At(i int) Mat { return Mat{m.Data[i*m.Row:], m.Row, m.Col} }

// Packed is an operand of a product, laid out for one kernel: panels of a fixed number of rows, each [k][rows].
type Packed struct {
	data    []uint32
	rows, k int // k counts elements, before padding
}

// Seg is one segment of a chain: the products of A[M][K] and B[N][K] over K.
type Seg struct{ A, B *Packed }

// Bound limits a product to what a causal mask leaves; what it leaves out is zero, so the bits do not change.
type Bound int

const (
	Full     Bound = iota
	OutLower       // only elements (i,j) with j <= i are needed
	KUpTo          // A(i,k) is zero for k > i
	KFrom          // A(i,k) is zero for k < i
)

// units is the length of a chain of k elements in kernel units: pairs, or elements (padded to even under bf16 rules).
func (e *Engine) units(k int) int {
	if e.k.pairs {
		return (k + 1) / 2
	}
	if e.num == BFloat16 {
		return (k + 1) &^ 1
	}
	return k
}

// PackA lays m's first rows rows out as the left operand of products over k. It reuses dst's memory.
func (e *Engine) PackA(dst *Packed, m Mat, rows, k int) *Packed {
	return e.packParallel(dst, m, rows, k, e.k.mr)
}

// PackB lays m's first rows rows (the columns of the product) out as the right operand of products over k.
func (e *Engine) PackB(dst *Packed, m Mat, rows, k int) *Packed {
	return e.packParallel(dst, m, rows, k, e.k.nr)
}

func (e *Engine) packParallel(dst *Packed, m Mat, rows, k, width int) *Packed {
	if dst == nil {
		dst = new(Packed)
	}
	panels := (rows + width - 1) / width
	size := e.units(k) * width
	dst.data, dst.rows, dst.k = grow(dst.data, panels*size), rows, k
	const group = 4
	e.parallel((panels+group-1)/group, func(t int, _ *scratch) {
		for p := t * group; p < min(panels, (t+1)*group); p++ {
			e.packPanel(dst.data[p*size:(p+1)*size], m.At(p*width), min(width, rows-p*width), k, width)
		}
	})
	return dst
}

// packPanel writes one panel; rows beyond the matrix and the odd end of k are zeros.
func (e *Engine) packPanel(dst []uint32, m Mat, rows, k, width int) {
	if k == 0 {
		return
	}
	if rows < width || k&1 == 1 {
		clear(dst)
	}
	switch {
	case e.k.pairs && m.Row == 1:
		packPairsAcross(dst, m, rows, k, width)
	case e.k.pairs:
		for r := range rows {
			packPairs(dst[r:], m.Data[r*m.Row:], m.Col, k, width)
		}
	case e.num == BFloat16:
		packOrder(dst, m, rows, k, width, 1)
	default:
		packOrder(dst, m, rows, k, width, 0)
	}
}

// packPairs writes one row of a panel of bfloat16 pairs: the low half is the even element.
func packPairs(dst []uint32, src []float32, col, k, width int) {
	if col == 1 {
		src = src[:k]
		d := 0
		for ; len(src) >= 2; src = src[2:] {
			dst[d] = math.Float32bits(src[0])>>16 | math.Float32bits(src[1])&0xffff0000
			d += width
		}
		if len(src) == 1 {
			dst[d] = math.Float32bits(src[0]) >> 16
		}
		return
	}
	for p := 0; p < k; p += 2 {
		w := math.Float32bits(src[p*col]) >> 16
		if p+1 < k {
			w |= math.Float32bits(src[(p+1)*col]) & 0xffff0000
		}
		dst[p/2*width] = w
	}
}

// packPairsAcross is packPairs for a view whose rows are adjacent in memory (a transposed matrix).
func packPairsAcross(dst []uint32, m Mat, rows, k, width int) {
	for p := 0; p < k; p += 2 {
		d := dst[p/2*width:][:rows]
		even := m.Data[p*m.Col:][:rows]
		if p+1 == k {
			for r, v := range even {
				d[r] = math.Float32bits(v) >> 16
			}
			return
		}
		odd := m.Data[(p+1)*m.Col:][:rows]
		for r, v := range even {
			d[r] = math.Float32bits(v)>>16 | math.Float32bits(odd[r])&0xffff0000
		}
	}
}

// packOrder writes float32 units; swap = 1 exchanges the elements of each pair of k, which is the bf16 order.
func packOrder(dst []uint32, m Mat, rows, k, width, swap int) {
	if m.Row == 1 {
		for p := range k {
			d := dst[(p^swap)*width:][:rows]
			for r, v := range m.Data[p*m.Col:][:rows] {
				d[r] = math.Float32bits(v)
			}
		}
		return
	}
	for r := range rows {
		src := m.Data[r*m.Row:]
		for p := range k {
			dst[(p^swap)*width+r] = math.Float32bits(src[p*m.Col])
		}
	}
}

// blockK is the number of kernel units after which the accumulators are stored and the next block continues them.
const blockK = 512

// MatMul computes C[m][n] (row stride ldc) = the chains over the segments in order, each element starting from +0, or
// from C itself if cont. No order depends on threads or on the kernel.
func (e *Engine) MatMul(c []float32, ldc, m, n int, cont bool, segs ...Seg) {
	mp, np := (m+e.k.mr-1)/e.k.mr, (n+e.k.nr-1)/e.k.nr
	gn := min(np, 8) // panels of a task: their block of B stays in the second-level cache
	gm := mp
	for want := 4 * e.threads; e.threads > 1 && (mp+gm-1)/gm*((np+gn-1)/gn) < want && (gm > 4 || gn > 1); {
		if gm > 4 {
			gm = (gm + 1) / 2
		} else {
			gn = (gn + 1) / 2
		}
	}
	tm, tn := (mp+gm-1)/gm, (np+gn-1)/gn
	e.parallel(tm*tn, func(t int, s *scratch) {
		i, j := t%tm*gm, t/tm*gn
		e.block(s, c, ldc, m, n, i, min(i+gm, mp), j, min(j+gn, np), cont, Full, segs)
	})
}

// block computes panels [i0,i1) x [j0,j1) of C on the calling thread.
func (e *Engine) block(s *scratch, c []float32, ldc, m, n, i0, i1, j0, j1 int, cont bool, bound Bound, segs []Seg) {
	mr, nr := e.k.mr, e.k.nr
	first := !cont
	for _, g := range segs {
		units := e.units(g.A.k)
		for u0 := 0; u0 < units; u0 += blockK {
			u1 := min(u0+blockK, units)
			for i := i0; i < i1; i++ {
				lo, hi := e.limit(bound, i*mr, u0, u1)
				j2 := j1
				if bound == OutLower {
					j2 = min(j1, (i*mr+mr-1)/nr+1)
				}
				if lo >= hi && !first {
					continue
				}
				for j := j0; j < j2; j++ {
					e.tileAt(s, c, ldc, min(mr, m-i*mr), min(nr, n-j*nr), i, j, g, units, lo, hi, !first)
				}
			}
			first = false
		}
	}
	if first { // chains of no terms
		for i := i0 * mr; i < min(m, i1*mr); i++ {
			clear(c[i*ldc+j0*nr : i*ldc+min(n, j1*nr)])
		}
	}
}

// limit narrows units [u0,u1) to those that can be nonzero for the panel whose first row is i.
func (e *Engine) limit(b Bound, i, u0, u1 int) (lo, hi int) {
	per := 1
	if e.k.pairs {
		per = 2
	}
	switch b {
	case KUpTo:
		end := e.units(i + e.k.mr)
		return u0, max(u0, min(u1, end))
	case KFrom:
		return min(max(u0, i&^1/per), u1), u1
	}
	return u0, u1
}

func (e *Engine) tileAt(s *scratch, c []float32, ldc, rows, cols, i, j int, g Seg, units, lo, hi int, load bool) {
	mr, nr := e.k.mr, e.k.nr
	out := c[i*mr*ldc+j*nr:]
	if lo >= hi { // nothing but zeros: the chain stays at its start
		for r := 0; !load && r < rows; r++ {
			clear(out[r*ldc : r*ldc+cols])
		}
		return
	}
	a, b := &g.A.data[(i*units+lo)*mr], &g.B.data[(j*units+lo)*nr]
	l := 0
	if load {
		l = 1
	}
	if rows == mr && cols == nr {
		e.k.tile(hi-lo, a, b, &out[0], ldc, l)
		return
	}
	s.tile = grow(s.tile, mr*nr)
	if load {
		for r := range rows {
			copy(s.tile[r*nr:r*nr+cols], out[r*ldc:])
		}
	}
	e.k.tile(hi-lo, a, b, &s.tile[0], nr, l)
	for r := range rows {
		copy(out[r*ldc:r*ldc+cols], s.tile[r*nr:])
	}
}

// small computes a product of views on the calling thread: C[m][n] over k, within bound.
func (e *Engine) small(s *scratch, c []float32, ldc, m, n, k int, a, b Mat, cont bool, bound Bound) {
	u := e.units(k)
	mp, np := (m+e.k.mr-1)/e.k.mr, (n+e.k.nr-1)/e.k.nr
	s.a, s.b = grow(s.a, mp*u*e.k.mr), grow(s.b, np*u*e.k.nr)
	for p := range mp {
		w := e.k.mr
		e.packPanel(s.a[p*u*w:(p+1)*u*w], a.At(p*w), min(w, m-p*w), k, w)
	}
	for p := range np {
		w := e.k.nr
		e.packPanel(s.b[p*u*w:(p+1)*u*w], b.At(p*w), min(w, n-p*w), k, w)
	}
	seg := Seg{&Packed{s.a, m, k}, &Packed{s.b, n, k}}
	e.block(s, c, ldc, m, n, 0, mp, 0, np, cont, bound, []Seg{seg})
}
