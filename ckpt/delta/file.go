package delta

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// MaxFile bounds a delta file, header and payload.
const MaxFile = 256 << 20

const fileMagic = "weftdlt1"

// ErrHeader is returned for a delta file whose header is not well formed.
var ErrHeader = errors.New("delta: malformed header")

// File is a delta as it travels. Its bytes are the magic "weftdlt1", steps and the number of leaves (4 bytes each,
// little-endian), the leaves (32 bytes each) and the payload. A commitment names the sha256 of all of it.
type File struct {
	Steps   uint32          // inner steps done
	Leaves  []digest.Digest // of the trace, the first state's first
	Payload []byte
}

// Encode is the file's bytes.
func (f File) Encode() []byte {
	b := make([]byte, 0, len(fileMagic)+8+32*len(f.Leaves)+len(f.Payload))
	b = append(b, fileMagic...)
	b = binary.LittleEndian.AppendUint32(b, f.Steps)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Leaves)))
	for _, l := range f.Leaves {
		b = append(b, l[:]...)
	}
	return append(b, f.Payload...)
}

// Parse is the inverse of Encode. The payload shares b's memory.
func Parse(b []byte) (File, error) {
	const head = len(fileMagic) + 8
	if len(b) < head || string(b[:len(fileMagic)]) != fileMagic {
		return File{}, fmt.Errorf("%w: not a delta file", ErrHeader)
	}
	if len(b) > MaxFile {
		return File{}, fmt.Errorf("%w: %d bytes exceed the limit of %d", ErrHeader, len(b), MaxFile)
	}
	n := binary.LittleEndian.Uint32(b[len(fileMagic)+4:])
	if n < 2 || n > protocol.MaxLeaves || int(n)*32 > len(b)-head {
		return File{}, fmt.Errorf("%w: %d leaves in %d bytes", ErrHeader, n, len(b))
	}
	f := File{Steps: binary.LittleEndian.Uint32(b[len(fileMagic):]), Leaves: make([]digest.Digest, n)}
	for i := range f.Leaves {
		copy(f.Leaves[i][:], b[head+32*i:])
	}
	f.Payload = b[head+32*int(n):]
	return f, nil
}
