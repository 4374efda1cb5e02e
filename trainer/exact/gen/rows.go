package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var consts = map[uint32]Mem{}

// word is a constant repeated over eight lanes.
func word(bits uint32) Mem {
	if m, ok := consts[bits]; ok {
		return m
	}
	name := "c" + hex(bits)
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(bits))
	}
	consts[bits] = m
	return m
}

func hex(v uint32) string {
	const digits = "0123456789abcdef"
	s := make([]byte, 8)
	for i := range s {
		s[i] = digits[v>>(28-4*i)&15]
	}
	return string(s)
}

func f(v float32) Mem { return word(math.Float32bits(v)) }

type vec = reg.VecVirtual

func loadf(m Op) vec { v := YMM(); VMOVUPS(m, v); return v }

// z flushes v: lanes with |v| < 2^-40 become +0; unordered lanes stay.
func z(v vec) {
	t := YMM()
	VANDPS(word(0x7fffffff), v, t)
	VCMPPS(Imm(5), word(0x2b800000), t, t) // not less than, unordered true
	VANDPS(t, v, v)
}

// bf rounds v to bfloat16 by integer arithmetic, then flushes.
func bf(v vec) {
	t := YMM()
	VPSRLD(Imm(16), v, t)
	VPAND(word(1), t, t)
	VPADDD(t, v, v)
	VPADDD(word(0x7fff), v, v)
	VPAND(word(0xffff0000), v, v)
	z(v)
}

func recip(x vec) vec {
	y, e := YMM(), YMM()
	VMOVUPS(word(0x7ef311c7), y)
	VPSUBD(x, y, y)
	for range 3 {
		VMOVUPS(f(1), e)
		VFNMADD231PS(x, y, e)
		VFMADD231PS(y, e, y)
	}
	return y
}

// expv leaves e^x in a new register; x is clobbered.
func expv(x vec) vec {
	keep, n, bits, p := YMM(), YMM(), YMM(), YMM()
	VCMPPS(Imm(5), f(-64), x, keep)
	cap := YMM()
	VMOVUPS(f(64), cap)
	VMINPS(x, cap, x) // x is the second source: a NaN passes
	VMOVUPS(f(0x1.8p23), n)
	VFMADD231PS(f(0x1.715476p0), x, n)
	VPSLLD(Imm(23), n, bits)
	VPADDD(word(0x3f800000), bits, bits)
	VSUBPS(f(0x1.8p23), n, n)
	VFMADD231PS(f(-0x1.62e4p-1), n, x)
	VFMADD231PS(f(-0x1.7f7d1cp-20), n, x)
	VMOVUPS(f(0x1.6d4366p-10), p)
	for _, c := range []float32{0x1.120ba6p-7, 0x1.5554e8p-5, 0x1.5554dcp-3, 0.5, 1, 1} {
		VFMADD213PS(f(c), x, p)
	}
	VMULPS(bits, p, p)
	VANDPS(keep, p, p)
	return p
}

func sigmoid(x vec) vec {
	t := YMM()
	VXORPS(word(0x80000000), x, t)
	e := expv(t)
	VADDPS(f(1), e, e)
	return recip(e)
}

// loop runs body over n floats, eight at a time; ptrs advance together.
func loop(n reg.Register, step int, ptrs []reg.Register, body func()) {
	Label("loop")
	body()
	for _, p := range ptrs {
		ADDQ(Imm(uint64(4*step)), p)
	}
	SUBQ(Imm(uint64(step)), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func begin(name, sig, doc string, ptrs ...string) (n reg.Register, rs []reg.Register) {
	TEXT(name, NOSPLIT, sig)
	Doc(name + " " + doc)
	for _, p := range ptrs {
		rs = append(rs, Load(Param(p), GP64()))
	}
	return Load(Param("n"), GP64()), rs
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

func at(p reg.Register, disp int) Mem { return Mem{Base: p, Disp: disp} }

func rows() {
	for _, m := range []struct {
		suffix string
		rnd    func(vec)
	}{{"Z", z}, {"B", bf}} {
		elementwise(m.suffix, m.rnd)
	}
	rope()
	reductions()
}

func elementwise(suffix string, rnd func(vec)) {
	n, p := begin("round"+suffix, "func(dst, src *float32, n int)", "rounds operands.", "dst", "src")
	loop(n, 8, p, func() { v := loadf(at(p[1], 0)); rnd(v); VMOVUPS(v, at(p[0], 0)) })

	n, p = begin("scale"+suffix, "func(dst, src *float32, n int, s float32)", "is dst = rnd(src*s).", "dst", "src")
	s := scalar("s")
	loop(n, 8, p, func() { v := loadf(at(p[1], 0)); VMULPS(s, v, v); rnd(v); VMOVUPS(v, at(p[0], 0)) })

	n, p = begin("scale2"+suffix, "func(dst, src *float32, n int, s, t float32)", "is dst = rnd((src*s)*t).", "dst", "src")
	s, t := scalar("s"), scalar("t")
	loop(n, 8, p, func() {
		v := loadf(at(p[1], 0))
		VMULPS(s, v, v)
		VMULPS(t, v, v)
		rnd(v)
		VMOVUPS(v, at(p[0], 0))
	})

	n, p = begin("norm"+suffix, "func(dst, x, w *float32, n int, s float32)", "is dst = rnd((z(x)*s)*w).", "dst", "x", "w")
	s = scalar("s")
	loop(n, 8, p, func() {
		v := loadf(at(p[1], 0))
		z(v)
		VMULPS(s, v, v)
		VMULPS(at(p[2], 0), v, v)
		rnd(v)
		VMOVUPS(v, at(p[0], 0))
	})

	n, p = begin("dsoftmax"+suffix, "func(dst, prob, dp *float32, n int, s float32)", "is dst = rnd(prob*(dp-s)).", "dst", "prob", "dp")
	s = scalar("s")
	loop(n, 8, p, func() {
		v := loadf(at(p[2], 0))
		VSUBPS(s, v, v)
		VMULPS(at(p[1], 0), v, v)
		rnd(v)
		VMOVUPS(v, at(p[0], 0))
	})

	n, p = begin("swiglu"+suffix, "func(a, gate, up *float32, n int)", "is a = rnd((gate*sigmoid(gate))*up).", "a", "gate", "up")
	loop(n, 8, p, func() {
		g := loadf(at(p[1], 0))
		v := sigmoid(g)
		VMULPS(g, v, v)
		VMULPS(at(p[2], 0), v, v)
		rnd(v)
		VMOVUPS(v, at(p[0], 0))
	})

	n, p = begin("dswiglu"+suffix, "func(dg, du, gate, up, da *float32, n int)",
		"is du = rnd(da*(g*sg)), dg = rnd((da*u)*(sg*fma(g,1-sg,1))), sg = sigmoid(g).", "dg", "du", "gate", "up", "da")
	loop(n, 8, p, func() {
		g, da := loadf(at(p[2], 0)), loadf(at(p[4], 0))
		sg := sigmoid(g)
		t, w := YMM(), YMM()
		VMULPS(sg, g, t)
		VMULPS(t, da, t)
		rnd(t)
		VMOVUPS(f(1), w)
		VSUBPS(sg, w, w)
		VFMADD213PS(f(1), g, w)
		VMULPS(sg, w, w)
		VMULPS(at(p[3], 0), da, da)
		VMULPS(da, w, w)
		rnd(w)
		VMOVUPS(t, at(p[1], 0))
		VMOVUPS(w, at(p[0], 0))
	})
}

func rope() {
	n, p := begin("rotate", "func(y0, y1, a, b, c, s *float32, n int)", "is y0 = fma(a,c,-(b*s)), y1 = fma(b,c,a*s).",
		"y0", "y1", "a", "b", "c", "s")
	loop(n, 8, p, func() {
		a, b, c, s := loadf(at(p[2], 0)), loadf(at(p[3], 0)), loadf(at(p[4], 0)), loadf(at(p[5], 0))
		t := YMM()
		VMULPS(s, b, t)
		u := YMM()
		VMULPS(s, a, u)
		VFMSUB231PS(c, a, t) // t = a*c - t
		VFMADD231PS(c, b, u) // u = b*c + u
		VMOVUPS(t, at(p[0], 0))
		VMOVUPS(u, at(p[1], 0))
	})

	n, p = begin("dnorm", "func(dx, dy, w, x, dres *float32, n int, r, negc float32)",
		"is dx = fma(z(z(dy)*w), r, fma(negc, z(x), dres)).", "dx", "dy", "w", "x", "dres")
	r, negc := scalar("r"), scalar("negc")
	loop(n, 8, p, func() {
		g, x, d := loadf(at(p[1], 0)), loadf(at(p[3], 0)), loadf(at(p[4], 0))
		z(g)
		VMULPS(at(p[2], 0), g, g)
		z(g)
		z(x)
		VFMADD231PS(x, negc, d)
		VFMADD231PS(g, r, d)
		VMOVUPS(d, at(p[0], 0))
	})
}

// reductions keep sixteen lanes in two registers; they load and store the lanes at l.
func reductions() {
	reduce := func(name, sig, doc string, ptrs []string, setup func(), body func(p []reg.Register, disp int, acc vec)) {
		n, p := begin(name, sig, doc, ptrs...)
		l := Load(Param("l"), GP64())
		a0, a1 := loadf(at(l, 0)), loadf(at(l, 32))
		setup()
		Label("loop")
		body(p, 0, a0)
		body(p, 32, a1)
		for _, r := range p {
			ADDQ(Imm(64), r)
		}
		SUBQ(Imm(16), n)
		JNZ(LabelRef("loop"))
		VMOVUPS(a0, at(l, 0))
		VMOVUPS(a1, at(l, 32))
		VZEROUPPER()
		RET()
	}
	reduce("sumsq", "func(x *float32, n int, l *float32)", "is l += z(x)*z(x) by lanes.", []string{"x"}, func() {},
		func(p []reg.Register, d int, acc vec) { x := loadf(at(p[0], d)); z(x); VFMADD231PS(x, x, acc) })
	reduce("dot", "func(a, b *float32, n int, l *float32)", "is l += a*b by lanes.", []string{"a", "b"}, func() {},
		func(p []reg.Register, d int, acc vec) { x := loadf(at(p[0], d)); VFMADD231PS(at(p[1], d), x, acc) })
	reduce("dotnorm", "func(dy, w, x *float32, n int, l *float32)", "is l += z(z(dy)*w)*z(x) by lanes.", []string{"dy", "w", "x"}, func() {},
		func(p []reg.Register, d int, acc vec) {
			g, x := loadf(at(p[0], d)), loadf(at(p[2], d))
			z(g)
			VMULPS(at(p[1], d), g, g)
			z(g)
			z(x)
			VFMADD231PS(x, g, acc)
		})
	n, p := begin("nonfinite", "func(x *float32, n int) int", "is nonzero if an element is infinite or NaN.", "x")
	acc := YMM()
	VXORPS(acc, acc, acc)
	Label("loop")
	v := loadf(at(p[0], 0))
	VANDPS(word(0x7f800000), v, v)
	VPCMPEQD(word(0x7f800000), v, v)
	VORPS(v, acc, acc)
	ADDQ(Imm(32), p[0])
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop"))
	r := GP32()
	VMOVMSKPS(acc, r)
	q := GP64()
	MOVL(r, q.As32())
	Store(q, ReturnIndex(0))
	VZEROUPPER()
	RET()

	var m vec
	reduce("expsum", "func(e, s *float32, n int, m float32, l *float32)", "is e = exp(s-m), l += e by lanes.", []string{"e", "s"},
		func() { m = scalar("m") },
		func(p []reg.Register, d int, acc vec) {
			x := loadf(at(p[1], d))
			VSUBPS(m, x, x)
			e := expv(x)
			VADDPS(e, acc, acc)
			VMOVUPS(e, at(p[0], d))
		})
}
