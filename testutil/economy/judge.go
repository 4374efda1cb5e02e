package main

import (
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

func (g *game) colludes(a protocol.Account) bool {
	for i := range g.c.Colluding {
		if a == attester(i) {
			return true
		}
	}
	return false
}

// audit answers every audit: honest ones find a forged segment when it is theirs, from the state that the trainer serves;
// colluders find nothing, and have the states from the forger, so that nobody can expose them.
func (g *game) audit(r *protocol.RoundState) error {
	for _, p := range r.Parts {
		for _, x := range p.Slots[0].Audits {
			ok := p.Trainer != forger || !slices.Contains(g.forged, x.Segment) || g.colludes(x.Auditor)
			f := protocol.Finding{Trainer: p.Trainer, Slot: p.Slots[0].Index, Segment: x.Segment, OK: ok,
				Work: protocol.Work(x.Auditor, g.state(p.Trainer, x.Segment))}
			if err := g.do(protocol.Review{Account: x.Auditor, Round: 1, Findings: []protocol.Finding{f}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *game) state(trainer protocol.Account, segment uint32) digest.Digest {
	return named("state of " + g.leaves(trainer)[segment+1].String())
}

// ruling is the truth, or what colluders say.
func (g *game) ruling(d *protocol.Dispute, r *protocol.RoundState, lie bool) protocol.Ruling {
	n := g.s.Run.Spec.Segments(g.s.Run.Spec.InnerSteps)
	out := protocol.Ruling{Segment: n}
	if !lie {
		out.Segment, out.Leaf = g.forged[0], named(fmt.Sprint("leaf ", g.forged[0]))
	}
	for _, p := range r.Parts {
		for _, x := range p.Slots[0].Audits {
			if p.Trainer == d.Trainer && x.Segment < out.Segment {
				out.Snapshots = append(out.Snapshots, named("state of "+named(fmt.Sprint("leaf ", x.Segment)).String()))
			}
		}
	}
	return out
}

func (g *game) judge(r *protocol.RoundState) error {
	for i := range r.Disputes {
		d := &r.Disputes[i]
		for j := range Attesters {
			a := attester(j)
			blind := protocol.RulingBlind(a, 1, 1, d.Slot, g.ruling(d, r, g.colludes(a)))
			if err := g.do(protocol.Judge{Account: a, Round: 1, Slot: d.Slot, Blind: blind}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *game) conclude(r *protocol.RoundState) error {
	for i := range r.Disputes {
		d := &r.Disputes[i]
		leaves := g.leaves(d.Trainer)
		at := g.forged[0] + 1
		e := protocol.Conclude{Account: attester(Attesters - 1), Round: 1, Slot: d.Slot, Ruling: g.ruling(d, r, false), Committed: leaves[at],
			Path: digest.MerkleProof(leaves, int(at))}
		if err := g.do(e); err != nil {
			return err
		}
	}
	return nil
}

// gain is what the coalition has more than by honest work: what it saved and what the forgery is worth elsewhere, and what
// it lost in pay and bond. A finder's part that stays within the coalition comes back.
func (g *game) gain(spec protocol.RunSpec, c Case, outside uint64) float64 {
	honest, n := float64(spec.SlotReward()), float64(spec.Segments(spec.InnerSteps))
	v := honest * float64(c.Forged) / n // a segment costs what it earns, at most
	if !g.convicted {
		return v + float64(outside) + float64(g.pay) - honest
	}
	v += float64(g.pay) - honest - float64(spec.BondPerSlot)
	return v + float64(spec.BondPerSlot)/10 // the formula grants it: the finder may be the forger's friend
}
