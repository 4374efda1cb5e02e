package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is what the tiles of one instruction set share.
type isa struct {
	name, doc string
	rows      int // most rows of a tile
	width     int // bytes of a vector
	vec       func() reg.VecVirtual
	bcast     func(a Mem, t reg.VecVirtual)
	mac       func(t, b, acc reg.VecVirtual)
}

// matmul writes the micro-kernels: for every number of rows up to the most that the registers hold, a tile of that many
// rows and two vectors of columns is loaded (or zeroed), continued over k units of the strided rows a and the panel
// b[k][columns], and stored. A unit is one float32, or for bf16 a pair of bfloat16.
func matmul() {
	for _, i := range []isa{
		{"AVX2", "float32, AVX2 and FMA", 6, 32, func() reg.VecVirtual { return YMM() },
			func(a Mem, t reg.VecVirtual) { VBROADCASTSS(a, t) },
			func(t, b, acc reg.VecVirtual) { VFMADD231PS(t, b, acc) }},
		{"AVX512", "float32, AVX-512F", 12, 64, func() reg.VecVirtual { return ZMM() },
			func(a Mem, t reg.VecVirtual) { VBROADCASTSS(a, t) },
			func(t, b, acc reg.VecVirtual) { VFMADD231PS(t, b, acc) }},
		{"BF16", "bfloat16 pairs, AVX-512-BF16", 12, 64, func() reg.VecVirtual { return ZMM() },
			func(a Mem, t reg.VecVirtual) { VPBROADCASTD(a, t) },
			func(t, b, acc reg.VecVirtual) { VPDPWSSD(b, t, acc) }}, // becomes VDPBF16PS: see patch
	} {
		for r := 1; r <= i.rows; r++ {
			i.tile(r)
		}
	}
}

func (i isa) tile(rows int) {
	name := fmt.Sprintf("tile%s_%d", i.name, rows)
	TEXT(name, NOSPLIT, "func(k int, a *uint32, row, unit int, b *uint32, c *float32, ldc, load int)")
	Doc(fmt.Sprintf("%s continues a tile of %d rows and %d columns: %s. Strides are in words.", name, rows, i.width/2, i.doc))
	k := Load(Param("k"), GP64())
	row := Load(Param("row"), GP64())
	unit := Load(Param("unit"), GP64())
	b := Load(Param("b"), GP64())
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	load := Load(Param("load"), GP64())
	for _, r := range []reg.Register{row, unit, ldc} {
		SHLQ(Imm(2), r)
	}
	// Rows are reached from every third row's pointer: +0, +row, +2·row.
	ptr := []reg.Register{Load(Param("a"), GP64())}
	for r := 3; r < rows; r += 3 {
		p := GP64()
		LEAQ(Mem{Base: ptr[len(ptr)-1], Index: row, Scale: 2}, p)
		ADDQ(row, p)
		ptr = append(ptr, p)
	}
	acc := make([]reg.VecVirtual, rows*2)
	for j := range acc {
		acc[j] = i.vec()
		if i.width == 64 {
			VPXORD(acc[j], acc[j], acc[j])
		} else {
			VXORPS(acc[j], acc[j], acc[j])
		}
	}
	out := GP64()
	TESTQ(load, load)
	JZ(LabelRef("loop"))
	MOVQ(c, out)
	for r := range rows {
		VMOVUPS(Mem{Base: out}, acc[2*r])
		VMOVUPS(Mem{Base: out, Disp: i.width}, acc[2*r+1])
		ADDQ(ldc, out)
	}
	Label("loop")
	b0, b1 := i.vec(), i.vec()
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: i.width}, b1)
	for r := range rows {
		m := Mem{Base: ptr[r/3]}
		if r%3 > 0 {
			m.Index, m.Scale = row, uint8(r%3)
		}
		t := i.vec()
		i.bcast(m, t)
		i.mac(t, b0, acc[2*r])
		i.mac(t, b1, acc[2*r+1])
	}
	for _, p := range ptr {
		ADDQ(unit, p)
	}
	ADDQ(Imm(uint64(2*i.width)), b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	MOVQ(c, out)
	for r := range rows {
		VMOVUPS(acc[2*r], Mem{Base: out})
		VMOVUPS(acc[2*r+1], Mem{Base: out, Disp: i.width})
		ADDQ(ldc, out)
	}
	VZEROUPPER()
	RET()
}
