package app_test

import (
	"crypto/sha256"
	"fmt"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// Nobody trains here. What training would have given is made up from the names of things, and whether a slot was forged stands in the first
// bytes of its body's digest: so everybody finds the same truth in the chain's state alone.

func made(format string, args ...any) digest.Digest {
	return sha256.Sum256([]byte(fmt.Sprintf(format, args...)))
}

// bodyOf is a body whose segment forged-1 was not computed (0: all were); a broken one is no encoded delta.
func bodyOf(run, round uint64, slot uint32, forged int, broken bool) digest.Digest {
	d := made("body %d %d %d", run, round, slot)
	d[0], d[1] = byte(forged), 0
	if broken {
		d[1] = 1
	}
	return d
}

func isBroken(c roundtypes.Commit) bool { return parsed(c.Body)[1] == 1 }

// parsed reads a digest of the state, which has no malformed ones.
func parsed(text string) digest.Digest {
	d, err := digest.ParseText(text)
	if err != nil {
		panic(err)
	}
	return d
}

// slotOf is one committed slot.
type slotOf struct {
	run, round uint64
	slot       uint32
	segments   uint32
	forged     uint32 // its first forged segment; segments when there is none
}

func slotTruth(run roundtypes.Run, round uint64, w roundtypes.SlotWork) slotOf {
	spec, err := run.Spec.Protocol()
	if err != nil {
		panic(err)
	}
	s := slotOf{run: run.Id, round: round, slot: w.Index, segments: spec.Segments(w.Commit.Steps)}
	s.forged = s.segments
	if body := parsed(w.Commit.Body); body[0] > 0 && s.segments > 0 {
		s.forged = uint32(body[0]-1) % s.segments
	}
	return s
}

// leaf is the true one after so many segments.
func (s slotOf) leaf(after uint32) digest.Digest {
	return made("leaf %d %d %d %d", s.run, s.round, s.slot, after)
}

func (s slotOf) snapshot(segment uint32) digest.Digest {
	return made("state %d %d %d %d", s.run, s.round, s.slot, segment)
}

// committed are the leaves of the trace: beyond a forged segment all are others.
func (s slotOf) committed() []digest.Digest {
	leaves := []digest.Digest{s.leaf(0)}
	for i := range s.segments {
		l := s.leaf(i + 1)
		if i >= s.forged {
			l[31] ^= 1
		}
		leaves = append(leaves, l)
	}
	return leaves
}

func (s slotOf) trace() digest.Digest { return digest.MerkleDigests(s.committed()) }

// ruling is what recomputing the slot shows, with its proof.
func (s slotOf) ruling(w roundtypes.SlotWork) (r protocol.Ruling, committed string, path []string) {
	r.Segment = s.forged
	for _, a := range w.Audits {
		if a.Segment < r.Segment {
			r.Snapshots = append(r.Snapshots, s.snapshot(a.Segment))
		}
	}
	if s.forged == s.segments {
		return r, "", nil
	}
	r.Leaf = s.leaf(s.forged + 1)
	leaves := s.committed()
	path = roundtypes.Digests(digest.MerkleProof(leaves, int(s.forged)+1))
	return r, leaves[s.forged+1].Text(), path
}

// outcomeOf is what attesters compute of a round: ten tokens a step.
func outcomeOf(run roundtypes.Run, round roundtypes.Round, parts []roundtypes.Part) protocol.Outcome {
	o := protocol.Outcome{
		Checkpoint: made("checkpoint %s %d %d", run.Spec.Model, run.Id, round.Number), Size: 1000,
		AssignedTokens: uint64(round.Slots) * uint64(run.Spec.InnerSteps) * 10,
	}
	slots := map[uint32]protocol.Contribution{}
	for _, p := range parts {
		for _, w := range p.Slots {
			slots[w.Index] = protocol.Contribution{
				Trainer: protocol.Account(p.Trainer), Slot: w.Index, Delta: parsed(w.Commit.Body), Steps: w.Commit.Steps,
				Tokens: uint64(w.Commit.Steps) * 10,
			}
		}
	}
	for _, slot := range round.Included {
		o.Contributions = append(o.Contributions, slots[slot])
	}
	return o
}

// natsOf is the true evaluation of a round's checkpoint.
func natsOf(run, round uint64) uint64 { return 2_000_000 - 10_000*run - 1000*round }

// saltOf is an attester's salt in a round.
func saltOf(attester string, run, round uint64) digest.Digest {
	return made("salt %s %d %d", attester, run, round)
}
