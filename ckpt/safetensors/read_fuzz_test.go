package safetensors

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// sample is a file of three tensors.
func sample(t testing.TB) []byte {
	t.Helper()
	b, err := Marshal([]Tensor{
		{Name: "a", DType: F32, Shape: []int{2, 2}, Bytes: EncodeF32([]float32{1, -2, 0.5, 4})},
		{Name: "b", DType: BF16, Shape: []int{3}, Bytes: []byte{0x80, 0x3f, 0, 0, 0, 0xc0}},
		{Name: "c", DType: I32, Shape: []int{1}, Bytes: EncodeI32([]int32{-7})},
	}, map[string]string{"format": "pt"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// file puts a header before data.
func file(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

// productWraps is a header whose first tensor has a size of 2^64 bytes, which is 0 in 64 bits.
const productWraps = `{"x":{"dtype":"I64","shape":[64,64,64,64,64,64,64,64,64,64,2],"data_offsets":[0,0]},` +
	`"y":{"dtype":"U8","shape":[64],"data_offsets":[0,64]}}`

// FuzzParse checks that whatever Parse accepts can be read, has the sizes that it says, and survives being written.
func FuzzParse(f *testing.F) {
	f.Add(sample(f))
	f.Add(file(`{}`, nil))
	f.Add(file(`{"x":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}`, []byte{0, 0x3c}))
	f.Add(file(`{"x":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}`, nil))
	f.Add(file(productWraps, make([]byte, 64)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		var ts []Tensor
		for _, name := range p.Names() {
			i, _ := p.Info(name)
			raw, err := p.Bytes(name)
			if err != nil {
				t.Fatalf("%q was accepted but cannot be read: %v", name, err)
			}
			if i.DType.Size() == 0 {
				return
			}
			if len(raw) != i.Elements()*i.DType.Size() {
				t.Fatalf("%q: shape %v of %s but %d bytes", name, i.Shape, i.DType, len(raw))
			}
			if x, shape, err := p.Tensor(name); err == nil && len(x) != (Info{Shape: shape}).Elements() {
				t.Fatalf("%q: %d numbers of shape %v", name, len(x), shape)
			}
			ts = append(ts, Tensor{Name: name, DType: i.DType, Shape: i.Shape, Bytes: raw})
		}
		again, err := Marshal(ts, p.Metadata())
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		third, err := Marshal(ts, q.Metadata())
		if err != nil || !bytes.Equal(again, third) {
			t.Fatalf("writing is not canonical: %v", err)
		}
	})
}
