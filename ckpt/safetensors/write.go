package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Tensor is a tensor to be written. Bytes are little-endian.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Bytes []byte
}

// Write writes tensors canonically: sorted by name, metadata keys sorted, one header layout. A duplicate name or a size
// that does not fit the shape is an error.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	ts := slices.Clone(tensors)
	slices.SortFunc(ts, func(a, b Tensor) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	var head bytes.Buffer
	head.WriteByte('{')
	if len(metadata) > 0 {
		m, err := json.Marshal(metadata) // encoding/json sorts map keys
		if err != nil {
			return err
		}
		fmt.Fprintf(&head, `"__metadata__":%s`, m)
	}
	off := int64(0)
	for i, t := range ts {
		info := Info{t.DType, t.Shape, [2]int64{off, off + int64(len(t.Bytes))}}
		if i > 0 && ts[i-1].Name == t.Name {
			return fmt.Errorf("safetensors: tensor %q twice", t.Name)
		}
		if info.Elements()*t.DType.Size() != len(t.Bytes) {
			return fmt.Errorf("safetensors: tensor %q: shape %v of %s is not %d bytes", t.Name, t.Shape, t.DType, len(t.Bytes))
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return err
		}
		body, err := json.Marshal(info)
		if err != nil {
			return err
		}
		if head.Len() > 1 {
			head.WriteByte(',')
		}
		fmt.Fprintf(&head, "%s:%s", name, body)
		off = info.Range[1]
	}
	head.WriteByte('}')
	for head.Len()%8 != 0 {
		head.WriteByte(' ')
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(head.Len())); err != nil {
		return err
	}
	if _, err := w.Write(head.Bytes()); err != nil {
		return err
	}
	for _, t := range ts {
		if _, err := w.Write(t.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// Marshal is Write into memory.
func Marshal(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	var b bytes.Buffer
	if err := Write(&b, tensors, metadata); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
