package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Floats reads a tensor of F32, F16 or BF16 elements as float32 (exact for all three), [elements] row by row.
func (f *File) Floats(name string) ([]float32, error) {
	b, err := f.Bytes(name)
	if err != nil {
		return nil, err
	}
	x, err := Decode(f.infos[name].DType, b)
	if err != nil {
		return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
	}
	return x, nil
}

// Tensor is Floats with the shape.
func (f *File) Tensor(name string) ([]float32, []int, error) {
	x, err := f.Floats(name)
	return x, f.infos[name].Shape, err
}

// Decode widens little-endian elements to float32 [elements].
func Decode(d DType, b []byte) ([]float32, error) {
	switch d {
	case F32:
		x := make([]float32, len(b)/4)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return x, nil
	case BF16:
		x := make([]float32, len(b)/2)
		for i := range x {
			x[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
		return x, nil
	case F16:
		x := make([]float32, len(b)/2)
		for i := range x {
			x[i] = Half(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return x, nil
	}
	return nil, fmt.Errorf("element type %s cannot be read as numbers (F32, F16, BF16 can)", d)
}

// Half widens an IEEE binary16 number.
func Half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exp {
	case 0: // zero or denormal: frac * 2^-24
		v := float32(frac) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// Ints reads a tensor of I32 elements, [elements] row by row.
func (f *File) Ints(name string) ([]int32, error) {
	b, err := f.Bytes(name)
	if err != nil {
		return nil, err
	}
	if d := f.infos[name].DType; d != I32 {
		return nil, fmt.Errorf("safetensors: tensor %q is %s, not I32", name, d)
	}
	x := make([]int32, len(b)/4)
	for i := range x {
		x[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, nil
}

// EncodeF32 is the little-endian encoding of x [elements].
func EncodeF32(x []float32) []byte {
	b := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return b
}

// EncodeI32 is the little-endian encoding of x [elements].
func EncodeI32(x []int32) []byte {
	b := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(v))
	}
	return b
}
