package replay

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"math"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/optim"
)

// Snapshot is everything from which the next inner step follows.
type Snapshot struct {
	Params  []float32 // of the adapter, in the order of lora.Adapter.Params
	Moments *optim.Moments
}

// First is the snapshot before the first step of a round: the checkpoint's parameters with zero moments.
func First(c *checkpoint.Checkpoint) Snapshot {
	p := c.Adapter.Params
	return Snapshot{slices.Clone(p), optim.NewMoments(len(p))}
}

// Digest is the sha256 of the snapshot's bytes: what an auditor proves to have computed (protocol.Work). A leaf, which is
// public, does not give it away.
func (s Snapshot) Digest() digest.Digest { return digest.Sum(s.Encode()) }

const (
	snapshotMagic = "weftstat"
	snapshotHead  = len(snapshotMagic) + 8
)

// SnapshotSize is the number of bytes of an encoded snapshot of params parameters.
func SnapshotSize(params int) int { return snapshotHead + 12*params }

// Encode is the snapshot as it is kept on disk: magic, T, number of parameters (4 bytes each), parameters, first and second
// moments (4 bytes each number); little-endian.
func (s Snapshot) Encode() []byte {
	b := make([]byte, 0, SnapshotSize(len(s.Params)))
	b = append(b, snapshotMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Moments.T))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Params)))
	for _, x := range [][]float32{s.Params, s.Moments.M, s.Moments.V} {
		b = append(b, safetensors.EncodeF32(x)...)
	}
	return b
}

// DecodeSnapshot is the inverse of Encode, for an adapter of params parameters.
func DecodeSnapshot(b []byte, params int) (Snapshot, error) {
	u := binary.LittleEndian
	if len(b) != SnapshotSize(params) || string(b[:len(snapshotMagic)]) != snapshotMagic || int(u.Uint32(b[12:])) != params {
		return Snapshot{}, errors.New("the snapshot does not fit the adapter")
	}
	numbers := func(i int) []float32 {
		x := make([]float32, params)
		for j := range x {
			x[j] = math.Float32frombits(u.Uint32(b[snapshotHead+4*(i*params+j):]))
		}
		return x
	}
	return Snapshot{numbers(0), &optim.Moments{M: numbers(1), V: numbers(2), T: int(u.Uint32(b[8:]))}}, nil
}

// StepRecord is what a leaf binds of one step.
type StepRecord struct {
	Loss float64 // sft: mean negative log-likelihood per answer token, in nats; else the mean of the expression over sequences
	Norm float64 // of the gradient per answer token, or per sequence, before clipping
	Noop bool    // a number overflowed, so the step changed nothing
}

// recordSize is the number of bytes of an encoded step record.
const recordSize = 17

// appendRecord appends a step's record: loss and norm (8 bytes each) and the no-op flag (one byte).
func appendRecord(b []byte, r StepRecord) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Loss))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Norm))
	return append(b, byte(bit(r.Noop)))
}

// Leaf digests a snapshot at the end of a segment: sha256("weft/leaf/1", index, steps done, T, parameters, first and second
// moments, the segment's step records, payload). Integers are 4 bytes little-endian, numbers their bits; payload is the
// digest of the encoded delta in the last leaf and zeros elsewhere.
func Leaf(index, steps uint32, s Snapshot, records []StepRecord, payload digest.Digest) digest.Digest {
	h := sha256.New()
	h.Write([]byte("weft/leaf/1"))
	putU32(h, index, steps, uint32(s.Moments.T))
	for _, x := range [][]float32{s.Params, s.Moments.M, s.Moments.V} {
		h.Write(safetensors.EncodeF32(x))
	}
	putU32(h, uint32(len(records)))
	for _, r := range records {
		h.Write(appendRecord(nil, r))
	}
	h.Write(payload[:])
	return digest.Digest(h.Sum(nil))
}

// FirstLeaf is leaf 0, that of the first snapshot.
func FirstLeaf(c *checkpoint.Checkpoint) digest.Digest {
	return Leaf(0, 0, First(c), nil, digest.Digest{})
}

func putU32(h hash.Hash, vs ...uint32) {
	var b [4]byte
	for _, v := range vs {
		binary.LittleEndian.PutUint32(b[:], v)
		h.Write(b[:])
	}
}
