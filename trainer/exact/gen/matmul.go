package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matmul writes the micro-kernels: a tile C[mr][nr] is loaded (or zeroed), continued over k units of the packed panels
// a[k][mr] and b[k][nr], and stored. A unit is one float32, or for bf16 a pair of bfloat16.
func matmul() {
	tile("tileAVX2", "six rows of sixteen columns, float32, AVX2 and FMA", 6, 32, func() reg.VecVirtual { return YMM() },
		func(a Mem, t reg.VecVirtual) { VBROADCASTSS(a, t) },
		func(t, b, acc reg.VecVirtual) { VFMADD231PS(t, b, acc) })
	tile("tileAVX512", "twelve rows of thirty-two columns, float32, AVX-512F", 12, 64, func() reg.VecVirtual { return ZMM() },
		func(a Mem, t reg.VecVirtual) { VBROADCASTSS(a, t) },
		func(t, b, acc reg.VecVirtual) { VFMADD231PS(t, b, acc) })
	tile("tileBF16", "twelve rows of thirty-two columns, bfloat16 pairs, AVX-512-BF16", 12, 64, func() reg.VecVirtual { return ZMM() },
		func(a Mem, t reg.VecVirtual) { VPBROADCASTD(a, t) },
		func(t, b, acc reg.VecVirtual) { VPDPWSSD(b, t, acc) }) // becomes VDPBF16PS: see patch
}

func tile(name, doc string, mr, width int, vec func() reg.VecVirtual, bcast func(Mem, reg.VecVirtual), mac func(t, b, acc reg.VecVirtual)) {
	TEXT(name, NOSPLIT, "func(k int, a, b *uint32, c *float32, ldc int, load int)")
	Doc(name + " continues a tile: " + doc + ".")
	k := Load(Param("k"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	load := Load(Param("load"), GP64())
	SHLQ(Imm(2), ldc)
	acc := make([]reg.VecVirtual, mr*2)
	for i := range acc {
		acc[i] = vec()
		if width == 64 {
			VPXORD(acc[i], acc[i], acc[i])
		} else {
			VXORPS(acc[i], acc[i], acc[i])
		}
	}
	p := GP64()
	TESTQ(load, load)
	JZ(LabelRef("loop"))
	MOVQ(c, p)
	for i := range mr {
		VMOVUPS(Mem{Base: p}, acc[2*i])
		VMOVUPS(Mem{Base: p, Disp: width}, acc[2*i+1])
		ADDQ(ldc, p)
	}
	Label("loop")
	b0, b1 := vec(), vec()
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: width}, b1)
	for i := range mr {
		t := vec()
		bcast(Mem{Base: a, Disp: 4 * i}, t)
		mac(t, b0, acc[2*i])
		mac(t, b1, acc[2*i+1])
	}
	ADDQ(Imm(uint64(4*mr)), a)
	ADDQ(Imm(uint64(2*width)), b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	MOVQ(c, p)
	for i := range mr {
		VMOVUPS(acc[2*i], Mem{Base: p})
		VMOVUPS(acc[2*i+1], Mem{Base: p, Disp: width})
		ADDQ(ldc, p)
	}
	VZEROUPPER()
	RET()
}
