package protocol

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// encoder builds the preimage of a digest. Integers are 8 bytes big-endian,
// text is its length and its bytes, so no two different inputs have one
// preimage. Each kind of digest starts with its own domain name.
type encoder struct{ buf []byte }

func newEncoder(domain string) *encoder {
	e := &encoder{}
	e.text(domain)
	return e
}

func (e *encoder) uint(v uint64) { e.buf = binary.BigEndian.AppendUint64(e.buf, v) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *encoder) digest(d digest.Digest) { e.buf = append(e.buf, d[:]...) }

func (e *encoder) duration(d time.Duration) { e.uint(uint64(d)) }

func (e *encoder) flag(b bool) {
	if b {
		e.uint(1)
		return
	}
	e.uint(0)
}

func (e *encoder) sum() digest.Digest { return sha256.Sum256(e.buf) }
