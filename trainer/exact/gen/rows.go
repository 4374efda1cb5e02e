package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The row kernels work on sixteen elements at a time, as two vectors of eight. Operands are stored as words (one float32,
// suffix Z, or pairs of bfloat16, suffix B): see store and fetch.

type vec = reg.VecVirtual

// operand is how one rule set rounds and stores the operands of products.
type operand struct {
	suffix string
	bytes  int         // of sixteen elements
	round  func(v vec) // in float32 form
}

var operands = []operand{{"Z", 64, z}, {"B", 32, bf}}

// store rounds sixteen elements and writes them as operands at p+disp elements.
func (o operand) store(v0, v1 vec, p reg.Register) {
	o.round(v0)
	o.round(v1)
	if o.suffix == "Z" {
		VMOVUPS(v0, Mem{Base: p})
		VMOVUPS(v1, Mem{Base: p, Disp: 32})
		return
	}
	VPSRLD(Imm(16), v0, v0)
	VPSRLD(Imm(16), v1, v1)
	VPACKUSDW(v1, v0, v0) // lanes: v0.lo v1.lo | v0.hi v1.hi
	VPERMQ(Imm(0xd8), v0, v0)
	VMOVDQU(v0, Mem{Base: p})
}

// fetch reads sixteen operands as float32.
func (o operand) fetch(p reg.Register) (v0, v1 vec) {
	if o.suffix == "Z" {
		return loadf(Mem{Base: p}), loadf(Mem{Base: p, Disp: 32})
	}
	v0, v1 = YMM(), YMM()
	VPMOVZXWD(Mem{Base: p}, v0)
	VPMOVZXWD(Mem{Base: p, Disp: 16}, v1)
	VPSLLD(Imm(16), v0, v0)
	VPSLLD(Imm(16), v1, v1)
	return v0, v1
}

func floats(p reg.Register) (v0, v1 vec) { return loadf(Mem{Base: p}), loadf(Mem{Base: p, Disp: 32}) }

func putFloats(v0, v1 vec, p reg.Register) {
	VMOVUPS(v0, Mem{Base: p})
	VMOVUPS(v1, Mem{Base: p, Disp: 32})
}

// kernel is the frame of a row kernel under construction.
type rowKernel struct {
	n    reg.Register
	ptr  map[string]reg.Register
	step map[string]int // bytes that a pointer advances per sixteen elements
	list []string
}

// begin starts a kernel. Each pointer is given as its name, with a leading "f:" for float32 or "o:" for operands.
func begin(name, sig, doc string, o operand, ptrs ...string) *rowKernel {
	TEXT(name, NOSPLIT, sig)
	Doc(name + " " + doc)
	k := &rowKernel{ptr: map[string]reg.Register{}, step: map[string]int{}}
	for _, p := range ptrs {
		kind, p := p[:2], p[2:]
		k.list = append(k.list, p)
		k.ptr[p] = Load(Param(p), GP64())
		k.step[p] = 64
		if kind == "o:" {
			k.step[p] = o.bytes
		}
	}
	k.n = Load(Param("n"), GP64())
	return k
}

// loop runs body for every sixteen of n elements.
func (k *rowKernel) loop(body func()) {
	Label("loop")
	body()
	for _, p := range k.list {
		ADDQ(Imm(uint64(k.step[p])), k.ptr[p])
	}
	SUBQ(Imm(16), k.n)
	JNZ(LabelRef("loop"))
}

func (k *rowKernel) end() {
	VZEROUPPER()
	RET()
}

func scalar(name string) vec {
	v := YMM()
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(a.Addr, v)
	return v
}

func loadf(m Op) vec { v := YMM(); VMOVUPS(m, v); return v }

// both applies f to two vectors.
func both(v0, v1 vec, f func(v vec)) { f(v0); f(v1) }

func rows() {
	for _, o := range operands {
		store(o)
		attention(o)
		swiglu(o)
		across(o)
	}
	expand()
	norms()
	reductions()
}

func store(o operand) {
	k := begin("round"+o.suffix, "func(dst *uint32, src *float32, n int)", "stores operands.", o, "o:dst", "f:src")
	k.loop(func() { v0, v1 := floats(k.ptr["src"]); o.store(v0, v1, k.ptr["dst"]) })
	k.end()

	k = begin("scale"+o.suffix, "func(dst *uint32, src *float32, n int, s float32)", "is dst = rnd(src*s).", o, "o:dst", "f:src")
	s := scalar("s")
	k.loop(func() {
		v0, v1 := floats(k.ptr["src"])
		both(v0, v1, func(v vec) { VMULPS(s, v, v) })
		o.store(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("scale2"+o.suffix, "func(dst *uint32, src *float32, n int, s, t float32)", "is dst = rnd((src*s)*t).", o, "o:dst", "f:src")
	s, t := scalar("s"), scalar("t")
	k.loop(func() {
		v0, v1 := floats(k.ptr["src"])
		both(v0, v1, func(v vec) { VMULPS(s, v, v); VMULPS(t, v, v) })
		o.store(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("norm"+o.suffix, "func(dst *uint32, x, w *float32, n int, s float32)", "is dst = rnd((z(x)*s)*w).", o, "o:dst", "f:x", "f:w")
	s = scalar("s")
	k.loop(func() {
		v0, v1 := floats(k.ptr["x"])
		both(v0, v1, func(v vec) { z(v); VMULPS(s, v, v) })
		VMULPS(Mem{Base: k.ptr["w"]}, v0, v0)
		VMULPS(Mem{Base: k.ptr["w"], Disp: 32}, v1, v1)
		o.store(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("fetch"+o.suffix, "func(dst *float32, src *uint32, n int)", "reads operands.", o, "f:dst", "o:src")
	k.loop(func() { v0, v1 := o.fetch(k.ptr["src"]); putFloats(v0, v1, k.ptr["dst"]) })
	k.end()
}

func attention(o operand) {
	k := begin("dsoftmax"+o.suffix, "func(dst, prob *uint32, dp *float32, n int, s float32)", "is dst = rnd(prob*(dp-s)).", o,
		"o:dst", "o:prob", "f:dp")
	s := scalar("s")
	k.loop(func() {
		p0, p1 := o.fetch(k.ptr["prob"])
		v0, v1 := floats(k.ptr["dp"])
		both(v0, v1, func(v vec) { VSUBPS(s, v, v) })
		VMULPS(p0, v0, v0)
		VMULPS(p1, v1, v1)
		o.store(v0, v1, k.ptr["dst"])
	})
	k.end()
}

func swiglu(o operand) {
	k := begin("swiglu"+o.suffix, "func(a, gate, up *uint32, n int)", "is a = rnd((gate*sigmoid(gate))*up).", o, "o:a", "o:gate", "o:up")
	k.loop(func() {
		g0, g1 := o.fetch(k.ptr["gate"])
		v0, v1 := sigmoid(g0), sigmoid(g1)
		VMULPS(g0, v0, v0)
		VMULPS(g1, v1, v1)
		u0, u1 := o.fetch(k.ptr["up"])
		VMULPS(u0, v0, v0)
		VMULPS(u1, v1, v1)
		o.store(v0, v1, k.ptr["a"])
	})
	k.end()

	k = begin("dswiglu"+o.suffix, "func(dg, du, gate, up *uint32, da *float32, n int)",
		"is du = rnd(da*(g*sg)), dg = rnd((da*u)*(sg*fma(g,1-sg,1))), sg = sigmoid(g).", o, "o:dg", "o:du", "o:gate", "o:up", "f:da")
	k.loop(func() {
		g0, g1 := o.fetch(k.ptr["gate"])
		u0, u1 := o.fetch(k.ptr["up"])
		a0, a1 := floats(k.ptr["da"])
		half := func(g, u, da vec) (t, w vec) {
			sg := sigmoid(g)
			t, w = YMM(), YMM()
			VMULPS(sg, g, t)
			VMULPS(t, da, t)
			VMOVUPS(f(1), w)
			VSUBPS(sg, w, w)
			VFMADD213PS(f(1), g, w)
			VMULPS(sg, w, w)
			VMULPS(u, da, da)
			VMULPS(da, w, w)
			return t, w
		}
		t0, w0 := half(g0, u0, a0)
		t1, w1 := half(g1, u1, a1)
		o.store(t0, t1, k.ptr["du"])
		o.store(w0, w1, k.ptr["dg"])
	})
	k.end()
}

// across writes units whose halves come from two rows of operands (bf16), or copies a row (float32): count times sixteen
// columns from a and b to dst, whose pointers advance by the given numbers of words.
func across(o operand) {
	name := "across" + o.suffix
	TEXT(name, NOSPLIT, "func(dst, a, b *uint32, count, dstStep, srcStep int)")
	Doc(name + " joins two rows of sixteen operands into sixteen units, count times.")
	dst, a, b := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64())
	count, ds, ss := Load(Param("count"), GP64()), Load(Param("dstStep"), GP64()), Load(Param("srcStep"), GP64())
	SHLQ(Imm(2), ds)
	SHLQ(Imm(2), ss)
	Label("loop")
	if o.suffix == "Z" {
		v0, v1 := floats(a)
		putFloats(v0, v1, dst)
	} else {
		x, y, l, h, out := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVDQU(Mem{Base: a}, x)
		VMOVDQU(Mem{Base: b}, y)
		VPUNPCKLWD(y, x, l) // elements 0-3, 8-11
		VPUNPCKHWD(y, x, h) // elements 4-7, 12-15
		VPERM2I128(Imm(0x20), h, l, out)
		VMOVDQU(out, Mem{Base: dst})
		VPERM2I128(Imm(0x31), h, l, out)
		VMOVDQU(out, Mem{Base: dst, Disp: 32})
	}
	ADDQ(ds, dst)
	ADDQ(ss, a)
	ADDQ(ss, b)
	DECQ(count)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// expand writes pairs of bfloat16 as float32 in the order of the bf16 chain: of every unit the odd element comes first.
func expand() {
	k := begin("expandRow", "func(dst, src *uint32, n int)", "widens n units of one row to 2n float32, odd elements first.", operand{},
		"f:src")
	to := Load(Param("dst"), GP64())
	k.loop(func() {
		for half := range 2 {
			p, odd, even, l, h, out := YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
			VMOVDQU(Mem{Base: k.ptr["src"], Disp: 32 * half}, p)
			VPAND(word(0xffff0000), p, odd)
			VPSLLD(Imm(16), p, even)
			VPUNPCKLDQ(even, odd, l)
			VPUNPCKHDQ(even, odd, h)
			VPERM2I128(Imm(0x20), h, l, out)
			VMOVDQU(out, Mem{Base: to, Disp: 64 * half})
			VPERM2I128(Imm(0x31), h, l, out)
			VMOVDQU(out, Mem{Base: to, Disp: 64*half + 32})
		}
		ADDQ(Imm(128), to)
	})
	k.end()

	TEXT("expandPanel", NOSPLIT, "func(dst, src *uint32, count, width int)")
	Doc("expandPanel widens sixteen columns of a panel [count][width]: of every unit the row of odd elements, then that of even ones.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	count, width := Load(Param("count"), GP64()), Load(Param("width"), GP64())
	SHLQ(Imm(2), width)
	Label("loop")
	for _, d := range []int{0, 32} {
		p, v := YMM(), YMM()
		VMOVDQU(Mem{Base: src, Disp: d}, p)
		VPAND(word(0xffff0000), p, v)
		VMOVDQU(v, Mem{Base: dst, Disp: d})
		VPSLLD(Imm(16), p, p)
		VMOVDQU(p, Mem{Base: dst, Index: width, Scale: 1, Disp: d})
	}
	LEAQ(Mem{Base: dst, Index: width, Scale: 2}, dst)
	ADDQ(width, src)
	DECQ(count)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func norms() {
	o := operands[0]
	k := begin("add", "func(dst, a, b *float32, n int)", "is dst = a + b.", o, "f:dst", "f:a", "f:b")
	k.loop(func() {
		v0, v1 := floats(k.ptr["a"])
		VADDPS(Mem{Base: k.ptr["b"]}, v0, v0)
		VADDPS(Mem{Base: k.ptr["b"], Disp: 32}, v1, v1)
		putFloats(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("mul", "func(dst, src *float32, n int, s float32)", "is dst = src*s.", o, "f:dst", "f:src")
	s := scalar("s")
	k.loop(func() {
		v0, v1 := floats(k.ptr["src"])
		both(v0, v1, func(v vec) { VMULPS(s, v, v) })
		putFloats(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("normF", "func(dst, x, w *float32, n int, s float32)", "is dst = (z(x)*s)*w.", o, "f:dst", "f:x", "f:w")
	s = scalar("s")
	k.loop(func() {
		v0, v1 := floats(k.ptr["x"])
		both(v0, v1, func(v vec) { z(v); VMULPS(s, v, v) })
		VMULPS(Mem{Base: k.ptr["w"]}, v0, v0)
		VMULPS(Mem{Base: k.ptr["w"], Disp: 32}, v1, v1)
		putFloats(v0, v1, k.ptr["dst"])
	})
	k.end()

	k = begin("rotate", "func(y0, y1, a, b, c, s *float32, n int)", "is y0 = fma(a,c,-(b*s)), y1 = fma(b,c,a*s).", o,
		"f:y0", "f:y1", "f:a", "f:b", "f:c", "f:s")
	k.loop(func() {
		for _, d := range []int{0, 32} {
			at := func(p string) vec { return loadf(Mem{Base: k.ptr[p], Disp: d}) }
			a, b, c, s := at("a"), at("b"), at("c"), at("s")
			t, u := YMM(), YMM()
			VMULPS(s, b, t)
			VMULPS(s, a, u)
			VFMSUB231PS(c, a, t) // t = a*c - t
			VFMADD231PS(c, b, u) // u = b*c + u
			VMOVUPS(t, Mem{Base: k.ptr["y0"], Disp: d})
			VMOVUPS(u, Mem{Base: k.ptr["y1"], Disp: d})
		}
	})
	k.end()

	k = begin("dnorm", "func(dx, dy, w, x, dres *float32, n int, r, negc float32)",
		"is dx = fma(z(z(dy)*w), r, fma(negc, z(x), dres)).", o, "f:dx", "f:dy", "f:w", "f:x", "f:dres")
	r, negc := scalar("r"), scalar("negc")
	k.loop(func() {
		for _, disp := range []int{0, 32} {
			at := func(p string) Mem { return Mem{Base: k.ptr[p], Disp: disp} }
			g, x, d := loadf(at("dy")), loadf(at("x")), loadf(at("dres"))
			z(g)
			VMULPS(at("w"), g, g)
			z(g)
			z(x)
			VFMADD231PS(x, negc, d)
			VFMADD231PS(g, r, d)
			VMOVUPS(d, at("dx"))
		}
	})
	k.end()
}

// reductions keep sixteen lanes in two registers; they load and store the lanes at l.
func reductions() {
	reduce := func(name, sig, doc string, o operand, ptrs []string, setup func(), body func(k *rowKernel, a0, a1 vec)) {
		k := begin(name, sig, doc, o, ptrs...)
		l := Load(Param("l"), GP64())
		a0, a1 := floats(l)
		setup()
		k.loop(func() { body(k, a0, a1) })
		putFloats(a0, a1, l)
		k.end()
	}
	nothing := func() {}
	z16 := operands[0]
	reduce("sumsq", "func(x *float32, n int, l *float32)", "is l += z(x)*z(x) by lanes.", z16, []string{"f:x"}, nothing,
		func(k *rowKernel, a0, a1 vec) {
			v0, v1 := floats(k.ptr["x"])
			both(v0, v1, z)
			VFMADD231PS(v0, v0, a0)
			VFMADD231PS(v1, v1, a1)
		})
	reduce("dotnorm", "func(dy, w, x *float32, n int, l *float32)", "is l += z(z(dy)*w)*z(x) by lanes.", z16,
		[]string{"f:dy", "f:w", "f:x"}, nothing,
		func(k *rowKernel, a0, a1 vec) {
			g0, g1 := floats(k.ptr["dy"])
			x0, x1 := floats(k.ptr["x"])
			both(g0, g1, z)
			VMULPS(Mem{Base: k.ptr["w"]}, g0, g0)
			VMULPS(Mem{Base: k.ptr["w"], Disp: 32}, g1, g1)
			both(g0, g1, z)
			both(x0, x1, z)
			VFMADD231PS(x0, g0, a0)
			VFMADD231PS(x1, g1, a1)
		})
	for _, o := range operands {
		reduce("dot"+o.suffix, "func(a, b *uint32, n int, l *float32)", "is l += a*b by lanes.", o, []string{"o:a", "o:b"}, nothing,
			func(k *rowKernel, a0, a1 vec) {
				x0, x1 := o.fetch(k.ptr["a"])
				y0, y1 := o.fetch(k.ptr["b"])
				VFMADD231PS(x0, y0, a0)
				VFMADD231PS(x1, y1, a1)
			})
	}
	var m vec
	reduce("expsum", "func(e, s *float32, n int, m float32, l *float32)", "is e = exp(s-m), l += e by lanes.", z16, []string{"f:e", "f:s"},
		func() { m = scalar("m") },
		func(k *rowKernel, a0, a1 vec) {
			x0, x1 := floats(k.ptr["s"])
			both(x0, x1, func(v vec) { VSUBPS(m, v, v) })
			e0, e1 := expv(x0), expv(x1)
			VADDPS(e0, a0, a0)
			VADDPS(e1, a1, a1)
			putFloats(e0, e1, k.ptr["e"])
		})
	reduce("maxlanes", "func(x *float32, n int, l *float32)", "is l = x > l ? x : l by lanes.", z16, []string{"f:x"}, nothing,
		func(k *rowKernel, a0, a1 vec) { // the second source stays unless the first is greater: x first, NaN never wins
			v0, v1 := floats(k.ptr["x"])
			VMAXPS(a0, v0, a0)
			VMAXPS(a1, v1, a1)
		})

	nonfinite("nonfinite", "func(x *float32, n int) int", z16, 0x7f800000, func(x, bits, t vec) { VPCMPEQD(x, bits, t) })
	nonfinite("nonfiniteZ", "func(x *uint32, n int) int", z16, 0x7f800000, func(x, bits, t vec) { VPCMPEQD(x, bits, t) })
	nonfinite("nonfiniteB", "func(x *uint32, n int) int", operands[1], 0x7f807f80, func(x, bits, t vec) { VPCMPEQW(x, bits, t) })
}

// nonfinite tests the exponents of sixteen elements at a time.
func nonfinite(name, sig string, o operand, mask uint32, eq func(x, bits, t vec)) {
	k := begin(name, sig, "is nonzero if an element is infinite or NaN.", o, "o:x")
	acc, bits := YMM(), loadf(word(mask))
	VXORPS(acc, acc, acc)
	k.loop(func() {
		for d := 0; d < o.bytes; d += 32 {
			v := YMM()
			VANDPS(Mem{Base: k.ptr["x"], Disp: d}, bits, v)
			eq(v, bits, v)
			VORPS(v, acc, acc)
		}
	})
	r := GP32()
	VPMOVMSKB(acc, r)
	q := GP64()
	MOVL(r, q.As32())
	Store(q, ReturnIndex(0))
	k.end()
}
