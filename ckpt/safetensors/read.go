package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// MaxHeader bounds the JSON header; the reference implementation has the same limit.
const MaxHeader = 100 << 20

// DType is a tensor's element type as the format spells it.
type DType string

// Element types that Weft reads.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I32  DType = "I32"
	I64  DType = "I64"
	U8   DType = "U8"
)

// Size is the number of bytes of one element; 0 for a type that Weft does not know.
func (d DType) Size() int {
	switch d {
	case U8:
		return 1
	case F16, BF16:
		return 2
	case F32, I32:
		return 4
	case I64:
		return 8
	}
	return 0
}

// Info describes a tensor in a file.
type Info struct {
	DType DType    `json:"dtype"`
	Shape []int    `json:"shape"`
	Range [2]int64 `json:"data_offsets"` // bytes, from the end of the header
}

// Elements is the product of the shape.
func (i Info) Elements() int {
	n := 1
	for _, d := range i.Shape {
		n *= d
	}
	return n
}

// File is an open safetensors file.
type File struct {
	r     io.ReaderAt
	start int64
	infos map[string]Info
	meta  map[string]string
	close func() error
}

// Open reads the header of the file at path. The caller closes it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil {
		var sf *File
		if sf, err = Read(f, st.Size()); err == nil {
			sf.close = f.Close
			return sf, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
}

// Read parses the header of size bytes at r. Every offset is checked against the size before a tensor can be read:
// tensors must tile the data exactly, without gaps or overlaps.
func Read(r io.ReaderAt, size int64) (*File, error) {
	var b [8]byte
	if size < 8 {
		return nil, fmt.Errorf("safetensors: %d bytes are too few for a header: the file is truncated", size)
	}
	if _, err := r.ReadAt(b[:], 0); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	n := binary.LittleEndian.Uint64(b[:])
	if n > MaxHeader || int64(n) > size-8 {
		return nil, fmt.Errorf("safetensors: header of %d bytes in a file of %d: the file is truncated or is not safetensors", n, size)
	}
	head := make([]byte, n)
	if _, err := r.ReadAt(head, 8); err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", err)
	}
	f := &File{r: r, start: 8 + int64(n), infos: map[string]Info{}}
	if err := f.parse(head, size-8-int64(n)); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

// Parse is Read over bytes in memory.
func Parse(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func (f *File) parse(head []byte, size int64) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(head, &raw); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if m, ok := raw["__metadata__"]; ok {
		if err := json.Unmarshal(m, &f.meta); err != nil {
			return fmt.Errorf("__metadata__: %w", err)
		}
		delete(raw, "__metadata__")
	}
	spans := make([][2]int64, 0, len(raw))
	for name, r := range raw {
		var i Info
		if err := json.Unmarshal(r, &i); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		if err := i.check(size); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		f.infos[name] = i
		spans = append(spans, i.Range)
	}
	slices.SortFunc(spans, func(a, b [2]int64) int {
		if a[0] != b[0] {
			return int(min(1, max(-1, a[0]-b[0])))
		}
		return int(min(1, max(-1, a[1]-b[1])))
	})
	end := int64(0)
	for _, s := range spans {
		if s[0] != end {
			return fmt.Errorf("tensors leave a gap or overlap at byte %d", s[0])
		}
		end = s[1]
	}
	if end != size {
		return fmt.Errorf("tensors end at byte %d of %d", end, size)
	}
	return nil
}

func (i Info) check(size int64) error {
	if i.Range[0] < 0 || i.Range[1] < i.Range[0] || i.Range[1] > size {
		return fmt.Errorf("bytes %d to %d lie outside the data of %d bytes: the file is truncated", i.Range[0], i.Range[1], size)
	}
	n := int64(1)
	for _, d := range i.Shape {
		if d < 0 || int64(d) > size || n > 0 && int64(d) > (1<<59)/n { // eight bytes an element must not overflow
			return fmt.Errorf("impossible shape %v", i.Shape)
		}
		n *= int64(d)
	}
	if s := int64(i.DType.Size()); s > 0 && n*s != i.Range[1]-i.Range[0] {
		return fmt.Errorf("shape %v of %s needs %d bytes, the header gives %d", i.Shape, i.DType, n*s, i.Range[1]-i.Range[0])
	}
	return nil
}

// Names lists the tensors, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.infos))
	for n := range f.infos {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Info describes a tensor; ok is false if there is none of that name.
func (f *File) Info(name string) (i Info, ok bool) { i, ok = f.infos[name]; return i, ok }

// Metadata is the header's free-form map.
func (f *File) Metadata() map[string]string { return f.meta }

// Bytes reads a tensor's raw bytes.
func (f *File) Bytes(name string) ([]byte, error) {
	i, ok := f.infos[name]
	if !ok {
		return nil, fmt.Errorf("safetensors: there is no tensor %q", name)
	}
	b := make([]byte, i.Range[1]-i.Range[0])
	if _, err := f.r.ReadAt(b, f.start+i.Range[0]); err != nil && !(errors.Is(err, io.EOF) && len(b) == 0) {
		return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
	}
	return b, nil
}

// Close releases the file that Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}
