package exact

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// chain is the definition of one output element, from a [k] and b [k], written independently of panels and tiles.
func chain(n Numerics, start float32, a, b []float32) float32 {
	if n == F32 {
		for k := range a {
			start = FMA(a[k], b[k], start)
		}
		return start
	}
	for k := 0; k < len(a); k += 2 {
		if k+1 < len(a) {
			start = FMA(a[k+1], b[k+1], start)
		}
		start = FMA(a[k], b[k], start)
	}
	return start
}

func TestMatMulIsOneChain(t *testing.T) {
	for _, num := range []Numerics{F32, BFloat16} {
		for _, k := range kernels(num) {
			for _, threads := range []int{1, 2, 7} {
				e := newEngine(arith{num: num, k: k}, threads)
				for _, dims := range [][3]int{{5, 7, 0}, {1, 1, 1}, {5, 33, 2}, {13, 31, 3}, {40, 70, 17}, {12, 32, 33}, {3, 49, 1161}, {25, 9, 2100}} {
					m, n, kk := dims[0], dims[1], dims[2]
					g := &Gen{State: uint64(kk)}
					a, b, c := make([]float32, m*kk), make([]float32, n*kk), make([]float32, m*n) // [m][k], [n][k], [m][n]
					for i := range c {
						c[i] = 7 // what was there must not matter
					}
					g.Fill(a)
					g.Fill(b)
					e.rounded(a)
					e.rounded(b)
					am, lda := e.matrix(a, m, kk)
					bm, ldb := e.matrix(b, n, kk)
					bt := make([]float32, len(b)) // [k][n]: the same operand, but packed from its transpose
					for i := range n {
						for j := range kk {
							bt[j*n+i] = b[i*kk+j]
						}
					}
					btm, ldt := e.matrix(bt, kk, n)
					p := e.PackAlong(nil, bm, ldb, n, ldb)
					q := e.PackAcross(nil, btm, ldt, kk, n)
					d := e.PackAlong(nil, btm, ldt, kk, ldt).Transpose(e, n)
					e.product(c, m, n, false, Part(Dense(am, lda), p), Part(Dense(am, lda), q), Part(Dense(am, lda), d))
					for i := range m {
						for j := range n {
							ar, br := a[i*kk:(i+1)*kk], b[j*kk:(j+1)*kk]
							want := chain(num, chain(num, chain(num, 0, ar, br), ar, br), ar, br)
							if math.Float32bits(c[i*n+j]) != math.Float32bits(want) {
								t.Fatalf("%s %s threads %d %v: C[%d][%d] = %x, chain gives %x", num, k.name, threads, dims, i, j, c[i*n+j], want)
							}
						}
					}
				}
			}
		}
	}
}

func TestEveryKernelConforms(t *testing.T) {
	for _, num := range []Numerics{F32, BFloat16} {
		for _, k := range kernels(num) {
			e, err := NewNamed(num, 1, k.name)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(num, e.Kernel())
		}
	}
	if _, err := NewNamed(F32, 1, "abacus"); err == nil {
		t.Fatal("an unknown kernel name was accepted")
	}
}

// TestAFaultyKernelIsDropped and named, and the next one is used; asked for by name it is refused.
func TestAFaultyKernelIsDropped(t *testing.T) {
	bad := kernel{name: "faulty", mr: goMR, nr: goNR, tiles: mutantTiles(func(a, b, acc float32) float32 { return acc + float32(a*b) })}
	e, err := choose(F32, 1, "", []kernel{bad, goKernel()})
	if err != nil {
		t.Fatal(err)
	}
	if d := e.Dropped(); e.Kernel() != "go" || len(d) != 1 || !strings.Contains(d[0].Error(), "faulty") {
		t.Errorf("kernel %s, dropped %v", e.Kernel(), d)
	}
	if _, err := choose(F32, 1, "faulty", []kernel{bad, goKernel()}); err == nil || !strings.Contains(err.Error(), "fails conformance") {
		t.Errorf("a faulty kernel was used by name: %v", err)
	}
}

func TestAttentionSameBitsOnEveryKernel(t *testing.T) {
	h := Heads{Q: 6, KV: 2, Dim: 8}
	spans := []Span{{0, 1}, {1, 37}, {38, 50}}
	const rows = 88
	for _, num := range []Numerics{F32, BFloat16} {
		var want []float32
		for _, k := range kernels(num) {
			e := newEngine(arith{num: num, k: k}, 3)
			g := &Gen{State: 5}
			ops := make([][]uint32, 4) // q, k, v and do, operands [rows][heads*Dim] each
			for i, w := range []int{48, 16, 16, 48} {
				x := make([]float32, rows*w)
				g.Fill(x)
				ops[i], _ = e.matrix(x, rows, w)
			}
			q, kk, v, do := ops[0], ops[1], ops[2], ops[3]
			// o is operands [rows][Q*Dim], mx and sm are [Q][rows].
			o, mx, sm := make([]uint32, len(q)), make([]float32, rows*6), make([]float32, rows*6)
			a := NewAttention(e, h)
			a.Forward(o, q, kk, v, mx, sm, rows, spans)
			// dq is [rows][Q*Dim], dk and dv are [rows][KV*Dim].
			dq, dk, dv := make([]float32, rows*48), make([]float32, rows*16), make([]float32, rows*16)
			a.Backward(dq, dk, dv, do, o, q, kk, v, mx, sm, rows, spans)
			cached := make([]uint32, len(q)) // operands [rows][Q*Dim], computed in parts
			caches, lo := []*KV{NewKV(h), NewKV(h), NewKV(h)}, []int{0, 0, 0}
			for _, part := range [][]int{{1, 5, 20}, {0, 32, 1}, {0, 0, 29}} { // the same sequences, in three parts
				var sp []Span
				var cs []*KV
				var rq, rk, rv []uint32
				for i, n := range part {
					if n == 0 {
						continue
					}
					from := spans[i].Lo + lo[i]
					sp, cs = append(sp, Span{len(rq) / e.Units(48), n}), append(cs, caches[i])
					rq = append(rq, q[from*e.Units(48):(from+n)*e.Units(48)]...)
					rk = append(rk, kk[from*e.Units(16):(from+n)*e.Units(16)]...)
					rv = append(rv, v[from*e.Units(16):(from+n)*e.Units(16)]...)
				}
				out := make([]uint32, len(rq))
				a.Extend(out, rq, rk, rv, len(rq)/e.Units(48), sp, cs)
				at := 0
				for i, n := range part {
					copy(cached[(spans[i].Lo+lo[i])*e.Units(48):], out[at:at+n*e.Units(48)])
					at += n * e.Units(48)
					lo[i] += n
				}
			}
			for i := range o {
				if cached[i] != o[i] {
					t.Fatalf("%s %s: cached attention differs from the whole at word %d", num, k.name, i)
				}
			}
			of := make([]float32, rows*48)
			e.Fetch(of, o)
			got := append(append(append(of, dq...), dk...), dv...)
			if want == nil {
				want = got
			}
			for i := range got {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%s: kernel %s differs at %d: %x, %x", num, k.name, i, got[i], want[i])
				}
			}
		}
	}
}

func TestFMAAgainstExactArithmetic(t *testing.T) {
	g := &Gen{State: 9}
	// The first triple is the one on which a float64 FMA rounds twice.
	bits := func(u uint32) float32 { return math.Float32frombits(u) }
	if got := FMA(bits(0x39800001), bits(0x397ffffe), bits(0x3f800001)); math.Float32bits(got) != 0x3f800001 {
		t.Fatalf("double rounding: %08x", math.Float32bits(got))
	}
	for i := range 400000 {
		a, b, c := g.Float(-20, 20), g.Float(-20, 20), g.Float(-44, 40)
		switch i % 4 {
		case 0: // few bits: sums that fall on midpoints and near them
			a, b, c = bits(math.Float32bits(a)&^0xfff), bits(math.Float32bits(b)&^0xfff|1<<12), bits(math.Float32bits(c)|1)
		case 1: // results among the denormals
			a, b, c = a*0x1p-80, b*0x1p-50, c*0x1p-126
		}
		exactSum := new(big.Float).SetPrec(300).SetFloat64(float64(a))
		exactSum.Mul(exactSum, big.NewFloat(float64(b)).SetPrec(300))
		exactSum.Add(exactSum, big.NewFloat(float64(c)).SetPrec(300))
		want, _ := exactSum.Float32()
		if got := FMA(a, b, c); got != want {
			t.Fatalf("fma(%x,%x,%x) = %x, want %x", a, b, c, got, want)
		}
	}
}

func TestFunctionsWithinTheirBounds(t *testing.T) {
	ulps := func(got float32, want float64) float64 {
		w := float32(want)
		u := float64(math.Float32frombits(math.Float32bits(float32(math.Abs(float64(w))))+1)) - math.Abs(float64(w))
		return math.Abs(float64(got)-want) / u
	}
	g := &Gen{State: 3}
	for range 300000 {
		x := g.Float(-20, 20)
		p := float32(math.Abs(float64(x)))
		if e := ulps(Recip(p), 1/float64(p)); e > 0.51 {
			t.Fatalf("recip(%x): %.3f ulp", p, e)
		}
		if e := ulps(Rsqrt(p), 1/math.Sqrt(float64(p))); e > 0.87 {
			t.Fatalf("rsqrt(%x): %.3f ulp", p, e)
		}
		if p >= 1 && ulps(Log(p), math.Log(float64(p))) > 0.91 {
			t.Fatalf("log(%x)", p)
		}
		if y := g.Float(-20, 5); ulps(Exp(y), math.Exp(float64(y))) > 0.97 {
			t.Fatalf("exp(%x)", y)
		}
	}
	for _, x := range []float64{1e-9, 0.1, 0.7853, 1.5707, 3, 10, 255.5, 8191} {
		s, c := SinCos64(x)
		if math.Abs(s-math.Sin(x)) > 2e-16*(1+x) || math.Abs(c-math.Cos(x)) > 2e-16*(1+x) {
			t.Fatalf("sincos(%g) = %g %g, want %g %g", x, s, c, math.Sin(x), math.Cos(x))
		}
		if e := math.Abs(Log64(x)-math.Log(x)) / (1 + math.Abs(math.Log(x))); e > 4e-16 {
			t.Fatalf("log64(%g) off by %g", x, e)
		}
		if e := math.Abs(Exp64(-x)-math.Exp(-x)) / math.Exp(-x); e > 4e-16*(1+x) && x < 700 {
			t.Fatalf("exp64(%g) off by %g", -x, e)
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, num := range []Numerics{F32, BFloat16} {
		for _, k := range kernels(num) {
			b.Run(string(num)+"/"+k.name, func(b *testing.B) {
				e := newEngine(arith{num: num, k: k}, 1)
				m, n, kk := 256, 1536, 576
				x, w, c := make([]float32, m*kk), make([]float32, n*kk), make([]float32, m*n) // [m][k], [n][k], [m][n]
				g := &Gen{State: 1}
				g.Fill(x)
				g.Fill(w)
				xm, ldx := e.matrix(x, m, kk)
				wm, ldw := e.matrix(w, n, kk)
				s := Part(Dense(xm, ldx), e.PackAlong(nil, wm, ldw, n, ldw))
				for b.Loop() {
					e.Thread().Product(c, n, m, 0, e.Panels(n), false, s)
				}
				b.ReportMetric(2*float64(m*n*kk)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
