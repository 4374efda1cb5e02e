package protocol

import (
	"fmt"
	"strconv"

	"github.com/weftnet/weft/ckpt/digest"
)

// In scripts the leaf after segment i of a slot is named after round, slot and
// segment. A trainer that forges segment K commits to other leaves from there
// on, and serves the states that belong to them.

func workOf(round uint64, slot uint32) string { return fmt.Sprintf("%d/%d", round, slot) }

// leaf is the digest after a segment; from a forged one on another.
func (s *script) leaf(round uint64, slot, segment uint32, honest bool) digest.Digest {
	k, forged := s.forged[workOf(round, slot)]
	if forged && !honest && segment >= k {
		return named(fmt.Sprintf("forged %d/%d/%d", round, slot, segment))
	}
	return named(fmt.Sprintf("leaf %d/%d/%d", round, slot, segment))
}

func (s *script) snapshotDigest(round uint64, slot, segment uint32, honest bool) digest.Digest {
	leaf := s.leaf(round, slot, segment, honest)
	return named("state of " + leaf.String())
}

// leaves are what the slot's trainer commits to: the start and every segment.
func (s *script) leaves(round uint64, slot, steps uint32) []digest.Digest {
	out := []digest.Digest{named("first")}
	for i := range s.Run.Spec.Segments(steps) {
		out = append(out, s.leaf(round, slot, i, false))
	}
	return out
}

func (s *script) trace(round uint64, a args) digest.Digest {
	slot := uint32(a.num("slot", 0))
	if k, forges := a.keys["forge"]; forges {
		n, err := strconv.ParseUint(k, 10, 32)
		if err != nil {
			panic(err)
		}
		s.forged[workOf(round, slot)] = uint32(n)
	}
	root, _ := tree(s.leaves(round, slot, uint32(a.num("steps", 4))), 0)
	return root
}

// tree is the root over leaves and the path of one of them.
func tree(leaves []digest.Digest, index int) (digest.Digest, []digest.Digest) {
	return digest.MerkleDigests(leaves), digest.MerkleProof(leaves, index)
}

func (s *script) work(round uint64, slot uint32) (Account, *SlotWork) {
	if r := s.Find(round); r != nil {
		for i := range r.Parts {
			if w := r.Parts[i].Slot(slot); w != nil {
				return r.Parts[i].Trainer, w
			}
		}
	}
	return "nobody", &SlotWork{Commit: Commit{Steps: 4}}
}

func (s *script) trainer(round uint64, a args) Account {
	account, _ := s.work(round, uint32(a.num("slot", 0)))
	return account
}

// findings are the verdicts of an auditor who replays from the served state, or
// what it is told to say.
func (s *script) findings(round uint64, a args) []Finding {
	r := s.Find(round)
	if r == nil {
		return []Finding{{Work: named("work")}}
	}
	var out []Finding
	for i := range r.Parts {
		for _, w := range r.Parts[i].Slots {
			if _, one := a.keys["slot"]; one && w.Index != uint32(a.num("slot", 0)) {
				continue
			}
			k, forged := s.forged[workOf(round, w.Index)]
			for _, x := range w.Audits {
				if x.Auditor != a.account() || x.Verdict != 0 {
					continue
				}
				f := Finding{Trainer: r.Parts[i].Trainer, Slot: w.Index, Segment: x.Segment, OK: !forged || k != x.Segment}
				f.Work = Work(x.Auditor, s.snapshotDigest(round, w.Index, x.Segment, f.OK && !forged))
				switch a.text("say", "") {
				case "ok":
					f.OK = true
				case "bad":
					f.OK = false
				}
				if a.text("work", "") == "none" {
					f.Work = Work(x.Auditor, named("a guess"))
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// autoAudit lets every auditor of a round in REVIEW answer, and the block end.
func (s *script) autoAudit() []string {
	if s.manual {
		return nil
	}
	var out []string
	answered := false
	for _, number := range s.Run.Unsettled {
		for _, seat := range s.Find(number).Round.Seats {
			a := args{words: []string{string(seat.Account)}, keys: map[string]string{}}
			if list := s.findings(number, a); len(list) > 0 {
				out = append(out, s.record(s.Apply(s.now, &s.world, Review{Account: seat.Account, Round: number, Findings: list}))...)
				answered = true
			}
		}
	}
	if !answered {
		return nil
	}
	return append(out, s.record(s.Advance(s.now, &s.world))...)
}

// conclusion is what recomputing a slot from its checkpoint shows, or what a
// liar says.
func (s *script) conclusion(round uint64, a args) Conclude {
	slot := uint32(a.num("slot", 0))
	_, w := s.work(round, slot)
	n := s.Run.Spec.Segments(w.Commit.Steps)
	at, forged := s.forged[workOf(round, slot)]
	if !forged {
		at = n
	}
	switch say := a.text("say", ""); say {
	case "":
	case "ok":
		at = n
	default:
		v, err := strconv.ParseUint(say, 10, 32)
		if err != nil {
			panic(err)
		}
		at = uint32(v)
	}
	c := Conclude{Account: a.account(), Round: round, Slot: slot, Ruling: Ruling{Segment: at}}
	for _, x := range w.Audits {
		if x.Segment < at {
			c.Ruling.Snapshots = append(c.Ruling.Snapshots, s.snapshotDigest(round, slot, x.Segment, true))
		}
	}
	if at < n {
		c.Ruling.Leaf = s.leaf(round, slot, at, true)
		if !forged {
			c.Ruling.Leaf = named("a false leaf")
		}
		leaves := s.leaves(round, slot, w.Commit.Steps)
		c.Committed = leaves[at+1]
		_, c.Path = tree(leaves, int(at+1))
	}
	return c
}
