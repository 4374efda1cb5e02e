package delta

import (
	"encoding/binary"
	"math"
)

// q4Block is the number of parameters that share a scale.
const q4Block = 64

// Q4 rounds each parameter to one of fifteen levels -7…7 times a bfloat16 scale per block of 64: 4.25 bits each.
// A block is the scale (2 bytes, little-endian) and the levels plus 8, two to a byte, the even one low. The encoding is
// [blocks]; the last block may have fewer levels.
type Q4 struct{}

// Name implements Codec.
func (Q4) Name() string { return "q4" }

// Size implements Codec.
func (Q4) Size(n int) int { return 2*((n+q4Block-1)/q4Block) + (n/q4Block)*q4Block/2 + (n%q4Block+1)/2 }

// Encode implements Codec. The scale is the largest magnitude over 7, in float64, rounded up to bfloat16, so that no
// level overflows.
func (c Q4) Encode(x []float32) ([]byte, error) {
	if err := judge(x); err != nil {
		return nil, err
	}
	b := make([]byte, 0, c.Size(len(x)))
	for lo := 0; lo < len(x); lo += q4Block {
		blk := x[lo:min(lo+q4Block, len(x))]
		s := scale(blk)
		b = binary.LittleEndian.AppendUint16(b, s)
		f := float64(widen(s))
		for i := 0; i < len(blk); i += 2 {
			v := level(blk[i], f)
			if i+1 < len(blk) {
				v |= level(blk[i+1], f) << 4
			} else {
				v |= 8 << 4
			}
			b = append(b, v)
		}
	}
	if _, err := c.Decode(b, len(x)); err != nil {
		return nil, err // a change so small that every level is zero
	}
	return b, nil
}

func widen(s uint16) float32 { return math.Float32frombits(uint32(s) << 16) }

// scale is the scale of a block blk [64 or fewer], the bits of a bfloat16.
func scale(blk []float32) uint16 {
	top := 0.0
	for _, v := range blk {
		top = max(top, math.Abs(float64(v)))
	}
	f := float32(top / 7)
	bits := math.Float32bits(f)
	up := bits &^ 0xffff
	if float64(math.Float32frombits(up))*7 < top {
		up += 0x10000
	}
	if up>>23 >= 255 { // the largest finite bfloat16
		up = 0x7f7f0000
	}
	return uint16(up >> 16)
}

func level(v float32, scale float64) byte {
	if scale == 0 {
		return 8
	}
	q := math.RoundToEven(float64(v) / scale)
	return byte(int(max(-7, min(7, q))) + 8)
}

// Decode implements Codec. Levels outside 1…15, a scale that is negative, not finite or zero with levels, and padding
// other than 8 are ErrEncoding, so that one change has one encoding.
func (c Q4) Decode(b []byte, n int) ([]float32, error) {
	if n < 0 || len(b) != c.Size(n) {
		return nil, ErrSize
	}
	x := make([]float32, n)
	for lo := 0; lo < n; lo += q4Block {
		blk := x[lo:min(lo+q4Block, n)]
		s := binary.LittleEndian.Uint16(b)
		if s >= 0x7f80 {
			return nil, ErrNotFinite
		}
		f, used := widen(s), false
		for i := range blk {
			v := b[2+i/2] >> (4 * (i % 2)) & 15
			if v == 0 {
				return nil, ErrEncoding
			}
			blk[i] = float32(int(v)-8) * f
			used = used || v != 8
		}
		if used != (s != 0) || len(blk)%2 == 1 && b[2+len(blk)/2]>>4 != 8 {
			return nil, ErrEncoding
		}
		b = b[2+(len(blk)+1)/2:]
	}
	return x, judge(x)
}
