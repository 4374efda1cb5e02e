package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Limits of what a header may claim; a file beyond them is refused before anything is allocated.
const (
	maxEntries = 1 << 20
	maxString  = 16 << 20
	maxArray   = 1 << 24
	maxDims    = 4
)

// ErrFormat is wrapped by every complaint about a file's bytes.
var ErrFormat = errors.New("gguf: malformed file")

// Tensor is an entry of the directory.
type Tensor struct {
	Name   string
	Dims   []int // as stored: the first varies fastest
	Type   Type
	Offset int64 // from the start of the data
}

// Elements is the product of the dimensions.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// File is an open GGUF file.
type File struct {
	Meta    map[string]any // uint64, int64, float64, bool, string, or []any of them
	Tensors map[string]Tensor
	r       io.ReaderAt
	start   int64
	close   func() error
}

// Open reads the header of the file at path. The caller closes it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil {
		var g *File
		if g, err = Read(f, st.Size()); err == nil {
			g.close = f.Close
			return g, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
}

// Close releases the file that Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Read parses the header of size bytes at r; every tensor is checked to lie inside.
func Read(r io.ReaderAt, size int64) (*File, error) {
	d := &decoder{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16)}
	f := &File{Meta: map[string]any{}, Tensors: map[string]Tensor{}, r: r}
	if magic := d.bytes(4); d.err == nil && string(magic) != "GGUF" {
		return nil, fmt.Errorf("%w: it does not start with GGUF", ErrFormat)
	}
	if v := d.u32(); d.err == nil && v != 2 && v != 3 {
		return nil, fmt.Errorf("%w: version %d is not 2 or 3", ErrFormat, v)
	}
	tensors, entries := d.u64(), d.u64()
	if d.err == nil && (tensors > maxEntries || entries > maxEntries) {
		return nil, fmt.Errorf("%w: %d tensors and %d metadata entries exceed %d", ErrFormat, tensors, entries, maxEntries)
	}
	for i := uint64(0); i < entries && d.err == nil; i++ {
		key := d.str()
		f.Meta[key] = d.value(d.u32(), 0)
	}
	for i := uint64(0); i < tensors && d.err == nil; i++ {
		t := d.tensor()
		f.Tensors[t.Name] = t
	}
	if d.err != nil {
		return nil, fmt.Errorf("%w: %w (the file may be truncated)", ErrFormat, d.err)
	}
	align := int64(32)
	if a, ok := f.Meta["general.alignment"].(uint64); ok && a > 0 && a <= 1<<20 {
		align = int64(a)
	}
	f.start = (d.n + align - 1) / align * align
	for _, t := range f.Tensors {
		n, err := t.Type.bytes(t.Elements())
		if err == nil && (t.Offset < 0 || t.Offset > size || f.start+t.Offset+n > size) {
			err = fmt.Errorf("bytes %d to %d lie beyond the end at %d: the file is truncated", f.start+t.Offset, f.start+t.Offset+n, size)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: tensor %s: %w", ErrFormat, t.Name, err)
		}
	}
	return f, nil
}

// Floats reads a tensor widened to float32, [elements] in storage order: the last of Dims is the outermost.
func (f *File) Floats(name string) ([]float32, error) {
	t, ok := f.Tensors[name]
	if !ok {
		return nil, fmt.Errorf("gguf: there is no tensor %s", name)
	}
	n, err := t.Type.bytes(t.Elements())
	if err != nil {
		return nil, fmt.Errorf("gguf: tensor %s: %w", name, err)
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, f.start+t.Offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("gguf: tensor %s: %w", name, err)
	}
	return t.Type.decode(b, t.Elements()), nil
}

type decoder struct {
	r   *bufio.Reader
	n   int64
	err error
}

func (d *decoder) bytes(n int) []byte {
	if d.err != nil {
		return make([]byte, min(n, 8))
	}
	// Memory grows with what is really there, so that a false length allocates nothing.
	var b []byte
	for len(b) < n && d.err == nil {
		chunk := make([]byte, min(n-len(b), 1<<20))
		var k int
		k, d.err = io.ReadFull(d.r, chunk)
		d.n += int64(k)
		b = append(b, chunk...)
	}
	return b
}

func (d *decoder) u32() uint32 { return binary.LittleEndian.Uint32(d.bytes(4)) }
func (d *decoder) u64() uint64 { return binary.LittleEndian.Uint64(d.bytes(8)) }

func (d *decoder) str() string {
	n := d.u64()
	if d.err == nil && n > maxString {
		d.err = fmt.Errorf("a string of %d bytes", n)
	}
	if d.err != nil {
		return ""
	}
	return string(d.bytes(int(n)))
}

func (d *decoder) tensor() Tensor {
	t := Tensor{Name: d.str()}
	dims := d.u32()
	if d.err == nil && (dims < 1 || dims > maxDims) {
		d.err = fmt.Errorf("tensor %s has %d dimensions", t.Name, dims)
	}
	total := uint64(1)
	for i := uint32(0); i < dims && d.err == nil; i++ {
		v := d.u64()
		if v == 0 || v > 1<<32 || total > 1<<40/v {
			d.err = fmt.Errorf("tensor %s has a dimension of %d", t.Name, v)
			break
		}
		total *= v
		t.Dims = append(t.Dims, int(v))
	}
	t.Type = Type(d.u32())
	t.Offset = int64(d.u64())
	return t
}

// value reads a metadata value of the given type (gguf.md, "gguf_metadata_value_type").
func (d *decoder) value(kind uint32, depth int) any {
	switch kind {
	case 0:
		return uint64(d.bytes(1)[0])
	case 1:
		return int64(int8(d.bytes(1)[0]))
	case 2:
		return uint64(binary.LittleEndian.Uint16(d.bytes(2)))
	case 3:
		return int64(int16(binary.LittleEndian.Uint16(d.bytes(2))))
	case 4:
		return uint64(d.u32())
	case 5:
		return int64(int32(d.u32()))
	case 6:
		return float64(math.Float32frombits(d.u32()))
	case 7:
		return d.bytes(1)[0] != 0
	case 8:
		return d.str()
	case 9:
		return d.array(depth)
	case 10:
		return d.u64()
	case 11:
		return int64(d.u64())
	case 12:
		return math.Float64frombits(d.u64())
	}
	if d.err == nil {
		d.err = fmt.Errorf("metadata of unknown type %d", kind)
	}
	return nil
}

func (d *decoder) array(depth int) any {
	kind, n := d.u32(), d.u64()
	if d.err == nil && (n > maxArray || depth > 2) {
		d.err = fmt.Errorf("an array of %d elements, %d deep", n, depth)
	}
	var list []any
	for i := uint64(0); i < n && d.err == nil; i++ {
		list = append(list, d.value(kind, depth+1))
	}
	return list
}
