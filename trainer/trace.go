package trainer

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"math"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/optim"
)

// State is a trainer's state between two inner steps: everything from which the next step follows.
type State struct {
	Params []float32
	Moment *optim.State
}

// StepRecord is what a leaf binds of one step.
type StepRecord struct {
	Loss float64 // sft: mean negative log-likelihood per answer token, in nats; else the mean of the expression over sequences
	Norm float64 // of the gradient per answer token, or per sequence, before clipping
	Noop bool    // a number overflowed, so the step changed nothing
}

// Leaf digests a state at the end of a segment: sha256("weft/leaf/1", index, steps done, T, parameters, first and second
// moments, the segment's step records, payload). Integers are 4 bytes little-endian, numbers their bits; payload is the
// digest of the encoded delta in the last leaf and zeros elsewhere.
func Leaf(index, steps uint32, s State, records []StepRecord, payload digest.Digest) digest.Digest {
	h := sha256.New()
	h.Write([]byte("weft/leaf/1"))
	putU32(h, index, steps, uint32(s.Moment.T))
	for _, x := range [][]float32{s.Params, s.Moment.M, s.Moment.V} {
		h.Write(safetensors.EncodeF32(x))
	}
	putU32(h, uint32(len(records)))
	for _, r := range records {
		h.Write(appendRecord(nil, r))
	}
	h.Write(payload[:])
	return digest.Digest(h.Sum(nil))
}

// appendRecord appends a step's record: loss and norm (8 bytes each) and the no-op flag (one byte).
func appendRecord(b []byte, r StepRecord) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Loss))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Norm))
	return append(b, byte(bit(r.Noop)))
}

// StateDigest is the sha256 of a state's bytes: what an auditor proves to have computed (protocol.Work). A leaf, which
// is public, does not give it away.
func StateDigest(s State) digest.Digest { return sha256.Sum256(encodeState(s)) }

func putU32(h hash.Hash, vs ...uint32) {
	var b [4]byte
	for _, v := range vs {
		binary.LittleEndian.PutUint32(b[:], v)
		h.Write(b[:])
	}
}

// FirstLeaf is leaf 0: the checkpoint's parameters with zero moments.
func FirstLeaf(c *Checkpoint) digest.Digest {
	return Leaf(0, 0, State{c.Adapter.Params, optim.NewState(len(c.Adapter.Params))}, nil, digest.Digest{})
}

const stateMagic = "weftstat"

// encodeState is a state as it is kept on disk: magic, T, number of parameters, parameters, moments, little-endian.
func encodeState(s State) []byte {
	b := make([]byte, 0, 16+12*len(s.Params))
	b = append(b, stateMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Moment.T))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Params)))
	for _, x := range [][]float32{s.Params, s.Moment.M, s.Moment.V} {
		b = append(b, safetensors.EncodeF32(x)...)
	}
	return b
}

func decodeState(b []byte, params int) (State, error) {
	if len(b) != 16+12*params || string(b[:8]) != stateMagic || int(binary.LittleEndian.Uint32(b[12:])) != params {
		return State{}, errors.New("state file does not fit the adapter")
	}
	f := func(i int) []float32 {
		x := make([]float32, params)
		for j := range x {
			x[j] = math.Float32frombits(binary.LittleEndian.Uint32(b[16+4*(i*params+j):]))
		}
		return x
	}
	return State{f(0), &optim.State{M: f(1), V: f(2), T: int(binary.LittleEndian.Uint32(b[8:]))}}, nil
}
