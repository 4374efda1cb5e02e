package gguf

import (
	"encoding/binary"
	"fmt"

	"github.com/weftnet/weft/ckpt/safetensors"
)

// Type is a tensor's element type (ggml_type).
type Type uint32

// Types that Weft reads.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2
	Q4_1 Type = 3
	Q8_0 Type = 8
	BF16 Type = 30
)

// block is the number of elements that a quantized type stores together.
const block = 32

func (t Type) String() string {
	if s, ok := map[Type]string{F32: "F32", F16: "F16", Q4_0: "Q4_0", Q4_1: "Q4_1", Q8_0: "Q8_0", BF16: "BF16"}[t]; ok {
		return s
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// bytes is the size of n elements.
func (t Type) bytes(n int) (int64, error) {
	per := map[Type]int{Q4_0: 18, Q4_1: 20, Q8_0: 34}[t]
	switch t {
	case F32:
		return 4 * int64(n), nil
	case F16, BF16:
		return 2 * int64(n), nil
	case Q4_0, Q4_1, Q8_0:
		if n%block != 0 {
			return 0, fmt.Errorf("%d elements of %s are not whole blocks of %d", n, t, block)
		}
		return int64(n) / block * int64(per), nil
	}
	return 0, fmt.Errorf("%s is not supported (F32, F16, BF16, Q8_0, Q4_0 and Q4_1 are)", t)
}

// decode widens elements to [n]; b has the size that bytes gives: of a quantized type [blocks], scales before numbers. The
// formulas are those of ggml-quants.c.
func (t Type) decode(b []byte, n int) []float32 {
	x := make([]float32, n)
	half := func(o int) float32 { return safetensors.Half(binary.LittleEndian.Uint16(b[o:])) }
	switch t {
	case F32, F16, BF16:
		d := map[Type]safetensors.DType{F32: safetensors.F32, F16: safetensors.F16, BF16: safetensors.BF16}[t]
		x, _ = safetensors.Decode(d, b) // the three types never fail
	case Q8_0:
		for i := range x {
			o := i / block * 34
			x[i] = float32(int8(b[o+2+i%block])) * half(o)
		}
	case Q4_0:
		for i := range x {
			o := i / block * 18
			x[i] = float32(int(nibble(b[o+2:], i%block))-8) * half(o)
		}
	case Q4_1:
		for i := range x {
			o := i / block * 20
			x[i] = float32(float32(nibble(b[o+4:], i%block))*half(o)) + half(o+2)
		}
	}
	return x
}

// nibble is element i of a block: the low halves of sixteen bytes, then the high ones.
func nibble(b []byte, i int) byte {
	if i < block/2 {
		return b[i] & 15
	}
	return b[i-block/2] >> 4
}
