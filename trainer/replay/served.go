package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Served is a snapshot as a trainer gives it to auditors: with everything that makes its leaf, and the proof that the
// committed trace has that leaf.
type Served struct {
	Snapshot Snapshot
	Records  []StepRecord  // of the segment that ends in it
	Payload  digest.Digest // of the encoded delta in the last leaf, zero elsewhere
	Path     []digest.Digest
}

const servedMagic = "weftserv"

// Encode is the served snapshot's bytes: magic, numbers of snapshot bytes, records and path digests (4 bytes each), then snapshot,
// records (loss, norm, no-op flag), payload digest and path; little-endian.
func (s *Served) Encode() []byte {
	st, u := s.Snapshot.Encode(), binary.LittleEndian
	b := append(make([]byte, 0, len(st)+20+recordSize*len(s.Records)+32*(1+len(s.Path))), servedMagic...)
	b = u.AppendUint32(u.AppendUint32(u.AppendUint32(b, uint32(len(st))), uint32(len(s.Records))), uint32(len(s.Path)))
	b = append(b, st...)
	for _, r := range s.Records {
		b = appendRecord(b, r)
	}
	b = append(b, s.Payload[:]...)
	for _, p := range s.Path {
		b = append(b, p[:]...)
	}
	return b
}

// MaxServed bounds the bytes of a served snapshot with params parameters.
func MaxServed(params int, records uint32) uint64 {
	return uint64(SnapshotSize(params)) + 20 + recordSize*uint64(records) + 32*(1+protocol.MaxPath)
}

// DecodeServed is the strict inverse of Encode.
func DecodeServed(b []byte, params int) (*Served, error) {
	bad := errors.New("not a served snapshot of this adapter")
	u := binary.LittleEndian
	if len(b) < 20 || string(b[:8]) != servedMagic {
		return nil, bad
	}
	st, records, path := uint64(u.Uint32(b[8:])), uint64(u.Uint32(b[12:])), uint64(u.Uint32(b[16:]))
	if path > protocol.MaxPath || uint64(len(b)) != 20+st+recordSize*records+32*(1+path) {
		return nil, bad
	}
	s := &Served{}
	var err error
	if s.Snapshot, err = DecodeSnapshot(b[20:20+st], params); err != nil {
		return nil, err
	}
	b = b[20+st:]
	for range records {
		if b[16] > 1 {
			return nil, bad
		}
		s.Records = append(s.Records, StepRecord{Loss: math.Float64frombits(u.Uint64(b)),
			Norm: math.Float64frombits(u.Uint64(b[8:])), Noop: b[16] == 1})
		b = b[recordSize:]
	}
	s.Payload, b = digest.Digest(b[:32]), b[32:]
	for ; len(b) > 0; b = b[32:] {
		s.Path = append(s.Path, digest.Digest(b[:32]))
	}
	return s, nil
}

// Check says whether the served snapshot is the one that a trace commits to as leaf number index after steps steps.
func (s *Served) Check(trace digest.Digest, index, leaves, steps uint32) error {
	leaf := Leaf(index, steps, s.Snapshot, s.Records, s.Payload)
	if !digest.CheckProof(trace, leaf, index, leaves, s.Path) {
		return fmt.Errorf("the served snapshot is not leaf %d of the committed trace", index)
	}
	return nil
}
