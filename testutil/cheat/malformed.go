package cheat

import (
	"maps"
	"math"
	"slices"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/x/round/protocol"
)

// committed makes a delta file and its commitment, as a trainer that says what it likes would.
func committed(d delta.File) ([]byte, protocol.Commit) {
	b := d.Encode()
	return b, protocol.Commit{Body: digest.Sum(b), Trace: digest.MerkleDigests(d.Leaves), Steps: d.Steps, Size: uint64(len(b))}
}

// malformations are the ways in which a body can be malformed; each makes a body and its commitment of honest ones.
var malformations = map[string]func(d delta.File) ([]byte, protocol.Commit){
	"wrong leaf 0": func(d delta.File) ([]byte, protocol.Commit) { d.Leaves[0][3] ^= 1; return committed(d) },
	"wrong root":   func(d delta.File) ([]byte, protocol.Commit) { b, c := committed(d); c.Trace[0] ^= 1; return b, c },
	"wrong magic": func(d delta.File) ([]byte, protocol.Commit) {
		b, c := committed(d)
		b[0] ^= 1
		c.Body = digest.Sum(b)
		return b, c
	},
	"more steps": func(d delta.File) ([]byte, protocol.Commit) { b, c := committed(d); c.Steps--; return b, c },
	"few leaves": func(d delta.File) ([]byte, protocol.Commit) { d.Leaves = d.Leaves[:2]; return committed(d) },
	"short": func(d delta.File) ([]byte, protocol.Commit) {
		d.Payload = d.Payload[:len(d.Payload)-4]
		return committed(d)
	},
	"zeros": func(d delta.File) ([]byte, protocol.Commit) {
		d.Payload = make([]byte, len(d.Payload))
		return committed(d)
	},
	"not a number": func(d delta.File) ([]byte, protocol.Commit) {
		copy(d.Payload[8:], safetensors.EncodeF32([]float32{float32(math.NaN())}))
		return committed(d)
	},
}

// Malformations names the ways in which Malformed spoils a body.
func Malformations() []string { return slices.Sorted(maps.Keys(malformations)) }

// Malformed makes a malformed body of an honest one, and a commitment to it.
func Malformed(what string, honest []byte) ([]byte, protocol.Commit, error) {
	d, err := delta.Parse(slices.Clone(honest))
	if err != nil {
		return nil, protocol.Commit{}, err
	}
	b, c := malformations[what](d)
	return b, c, nil
}
