package delta

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Errors of decoders; all mean that the body is MALFORMED.
var (
	ErrCodec     = errors.New("delta: unknown codec")
	ErrSize      = errors.New("delta: size does not fit the number of parameters")
	ErrNotFinite = errors.New("delta: a number is not finite")
	ErrZero      = errors.New("delta: every number is zero")
	ErrEncoding  = errors.New("delta: not the canonical encoding")
)

// Codec turns a change into bytes and back.
type Codec interface {
	// Name is the id that a run pins.
	Name() string
	// Encode compresses x [trained parameters]. It returns ErrNotFinite or ErrZero for a change that no decoder would
	// accept.
	Encode(x []float32) ([]byte, error)
	// Decode restores numbers [n]. It reads no more than Size(n) bytes and allocates no more than n numbers.
	Decode(b []byte, n int) ([]float32, error)
	// Size is the length of the encoding of n numbers.
	Size(n int) int
}

// ByName returns a codec.
func ByName(name string) (Codec, error) {
	switch name {
	case "f32":
		return F32{}, nil
	case "q4":
		return Q4{}, nil
	}
	return nil, fmt.Errorf("%w %q: this build knows f32 and q4", ErrCodec, name)
}

// judge refuses a change x [trained parameters] that must not be folded into a checkpoint.
func judge(x []float32) error {
	zero := true
	for _, v := range x {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return ErrNotFinite
		}
		zero = zero && v == 0
	}
	if zero {
		return ErrZero
	}
	return nil
}

// F32 is the identity: 32 bits per parameter, little-endian.
type F32 struct{}

// Name implements Codec.
func (F32) Name() string { return "f32" }

// Size implements Codec.
func (F32) Size(n int) int { return 4 * n }

// Encode implements Codec.
func (F32) Encode(x []float32) ([]byte, error) {
	b := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return b, judge(x)
}

// Decode implements Codec.
func (c F32) Decode(b []byte, n int) ([]float32, error) {
	if len(b) != c.Size(n) {
		return nil, ErrSize
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, judge(x)
}
