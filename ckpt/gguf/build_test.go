package gguf

import (
	"encoding/binary"
	"math"
)

// builder writes GGUF files for tests.
type builder struct{ b []byte }

func (w *builder) u32(v uint32) *builder { w.b = binary.LittleEndian.AppendUint32(w.b, v); return w }
func (w *builder) u64(v uint64) *builder { w.b = binary.LittleEndian.AppendUint64(w.b, v); return w }
func (w *builder) str(s string) *builder { w.u64(uint64(len(s))); w.b = append(w.b, s...); return w }

func header(tensors, entries uint64) *builder {
	w := &builder{b: []byte("GGUF")}
	return w.u32(3).u64(tensors).u64(entries)
}

func (w *builder) tensor(name string, t Type, offset uint64, dims ...uint64) *builder {
	w.str(name).u32(uint32(len(dims)))
	for _, d := range dims {
		w.u64(d)
	}
	return w.u32(uint32(t)).u64(offset)
}

// data aligns to 32 bytes and appends.
func (w *builder) data(b []byte) []byte {
	for len(w.b)%32 != 0 {
		w.b = append(w.b, 0)
	}
	return append(w.b, b...)
}

// samples is one file with a tensor of every type that Weft reads, and metadata of every kind.
func samples() []byte {
	w := header(6, 8)
	w.str("general.architecture").u32(8).str("llama")
	w.str("a.u8").u32(0)
	w.b = append(w.b, 200)
	w.str("a.i32").u32(5).u32(0xfffffffe)
	w.str("a.f32").u32(6).u32(math.Float32bits(1.5))
	w.str("a.bool").u32(7)
	w.b = append(w.b, 1)
	w.str("a.strings").u32(9).u32(8).u64(2).str("x").str("yy")
	w.str("a.u64").u32(10).u64(1 << 40)
	w.str("a.f64").u32(12).u64(math.Float64bits(-2.25))
	var data []byte
	for _, t := range []struct {
		name string
		t    Type
		n    uint64
		b    []byte
	}{
		{"f32", F32, 8, binary.LittleEndian.AppendUint32(make([]byte, 28), math.Float32bits(2))},
		{"f16", F16, 16, append(make([]byte, 30), 0, 0x3c)},
		{"bf16", BF16, 16, append(make([]byte, 30), 0x80, 0x3f)},
		{"q8", Q8_0, 32, append([]byte{0, 0x40}, repeat(0xff, 32)...)},        // scale 2, all -1
		{"q4", Q4_0, 32, append([]byte{0, 0x3c}, repeat(0x9f, 16)...)},        // scale 1, low 15, high 9
		{"q41", Q4_1, 32, append([]byte{0, 0x3c, 0, 0x40}, repeat(3, 16)...)}, // scale 1, minimum 2, low 3, high 0
	} {
		w.tensor(t.name, t.t, uint64(len(data)), t.n)
		data = append(data, t.b...)
		for len(data)%32 != 0 {
			data = append(data, 0)
		}
	}
	return w.data(data)
}

func repeat(v byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = v
	}
	return b
}
