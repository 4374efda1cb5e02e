package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
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
	limit := YMM()
	VMOVUPS(f(64), limit)
	VMINPS(x, limit, x) // x is the second source: a NaN passes
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
