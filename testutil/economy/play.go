package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// The accounts of a case. The forger is alone with honest trainers when the spec needs more than one.
const forger = protocol.Account("trainer00")

func attester(i int) protocol.Account { return protocol.Account(fmt.Sprintf("attester%02d", i)) }

// game is one round of a run, played by the rules.
type game struct {
	s         *protocol.State
	c         Case
	now       time.Time
	seed      uint64
	forged    []uint32 // segments, ascending
	sybils    bool     // everybody but the forger's account does one step only
	pay       uint64   // of the forger
	others    []uint64 // of everybody else
	convicted bool
	finder    protocol.Account
}

// Standing, Weight, Model, Terms and BlockHash are the rest of the chain: everybody may work, and blocks have hashes that
// nobody chose.
func (g *game) Standing(protocol.Account) (bool, time.Time, error) { return true, time.Time{}, nil }
func (g *game) Weight(protocol.Account) (uint64, error)            { return 1_000_000, nil }
func (g *game) Model() (protocol.ModelInfo, error) {
	return protocol.ModelInfo{Name: "m", Owner: "owner", SharesLeft: 1 << 40}, nil
}
func (g *game) Terms() (protocol.Terms, error) {
	return protocol.Terms{EvidenceWindow: time.Hour, Deposit: 10_000_000, Fine: 1000}, nil
}
func (g *game) BlockHash() digest.Digest { return named(fmt.Sprint("block ", g.seed)) }

func named(text string) digest.Digest { return sha256.Sum256([]byte(text)) }

// play plays one round in which the forger forges its first segments that the seed draws.
func play(spec protocol.RunSpec, c Case, seed uint64) (*game, error) {
	return begin(spec, c, seed, false)
}

func begin(spec protocol.RunSpec, c Case, seed uint64, sybils bool) (*game, error) {
	now := time.Unix(1_800_000_000, 0)
	spec.Model, spec.Tokens, spec.Eval, spec.EvalEvery = "m", named("tokens"), digest.Digest{}, 0
	s, _, err := protocol.Open(1, spec, named("start"), now)
	if err != nil {
		return nil, err
	}
	g := &game{s: s, c: c, now: now, seed: seed, sybils: sybils}
	n := spec.Segments(spec.InnerSteps)
	for i := range c.Forged {
		g.forged = append(g.forged, (uint32(seed)+i)%n)
	}
	slices.Sort(g.forged)
	return g, g.round()
}

// do applies an event; a refusal is an error, since everybody here knows the rules.
func (g *game) do(e protocol.Event) error {
	_, err := g.s.Apply(g.now, g, e)
	return err
}

// block ends a block and takes note of what it paid and whom it convicted.
func (g *game) block() error {
	g.now = g.now.Add(time.Second)
	steps, err := g.s.Advance(g.now, g)
	for _, e := range steps {
		switch e := e.(type) {
		case protocol.Pay:
			if e.Account == forger {
				g.pay += e.Amount
			} else if e.Role == protocol.RoleTrainer {
				g.others = append(g.others, e.Amount)
			}
		case protocol.Slash:
			g.convicted, g.finder = true, e.Finder
		}
	}
	return err
}

func (g *game) round() error {
	spec := &g.s.Run.Spec
	for i := range spec.MinTrainers {
		if err := g.do(protocol.Enrol{Account: protocol.Account(fmt.Sprintf("trainer%02d", i)), Slots: 1}); err != nil {
			return err
		}
	}
	for i := range Attesters {
		if err := g.do(protocol.Ready{Account: attester(i)}); err != nil {
			return err
		}
	}
	for _, phase := range []func(*protocol.RoundState) error{g.train, g.publish, g.attest, g.reveal, g.audit, g.judge, g.conclude, nil} {
		if err := g.block(); err != nil {
			return err
		}
		if phase == nil {
			break
		}
		if err := phase(&g.s.Rounds[len(g.s.Rounds)-1]); err != nil {
			return err
		}
	}
	return nil
}

func (g *game) train(r *protocol.RoundState) error {
	for _, p := range r.Parts {
		slot := p.Slots[0].Index
		steps := g.steps(p.Trainer)
		root := digest.MerkleDigests(g.leaves(p.Trainer)[:g.s.Run.Spec.Segments(steps)+1])
		if err := g.do(protocol.CommitWork{Account: p.Trainer, Round: 1, Slot: slot, Commit: protocol.Commit{
			Body: named(fmt.Sprint("body ", slot)), Trace: root, Steps: steps, Size: 1}}); err != nil {
			return err
		}
	}
	return nil
}

func (g *game) steps(trainer protocol.Account) uint32 {
	if g.sybils && trainer != forger {
		return g.s.Run.Spec.MinSteps
	}
	return g.s.Run.Spec.InnerSteps
}

// leaves of the forger differ from the first segment on that it forged, as those of honest work would not.
func (g *game) leaves(trainer protocol.Account) []digest.Digest {
	out := []digest.Digest{named("first")}
	for i := range g.s.Run.Spec.Segments(g.s.Run.Spec.InnerSteps) {
		name := fmt.Sprint("leaf ", i)
		if trainer == forger && len(g.forged) > 0 && i >= g.forged[0] {
			name = fmt.Sprint("forged leaf ", i)
		}
		out = append(out, named(name))
	}
	return out
}

func (g *game) publish(r *protocol.RoundState) error {
	var all []uint32
	for i := range r.Round.Slots {
		all = append(all, i)
	}
	for i := range Attesters {
		e := protocol.Witness{Account: attester(i), Round: 1, Ok: all, Salt: protocol.SaltCommitment(attester(i), 1, 1, g.salt(i))}
		if err := g.do(e); err != nil {
			return err
		}
	}
	return nil
}

func (g *game) salt(i int) digest.Digest { return named(fmt.Sprint("salt ", g.seed, i)) }

func (g *game) outcome(r *protocol.RoundState) protocol.Outcome {
	spec := &g.s.Run.Spec
	o := protocol.Outcome{Checkpoint: named("checkpoint"), Size: 1, AssignedTokens: uint64(r.Round.Slots) * uint64(spec.InnerSteps)}
	for _, p := range r.Parts {
		w := p.Slots[0]
		o.Contributions = append(o.Contributions, protocol.Contribution{Trainer: p.Trainer, Slot: w.Index, Delta: w.Commit.Body,
			Steps: w.Commit.Steps, Tokens: uint64(w.Commit.Steps)})
	}
	return o
}

func (g *game) attest(r *protocol.RoundState) error {
	o := g.outcome(r)
	for i := range Attesters {
		if err := g.do(protocol.Attest{Account: attester(i), Round: 1, Blind: protocol.Blind(attester(i), 1, 1, o.Checkpoint, o.Root()),
			Salt: g.salt(i)}); err != nil {
			return err
		}
	}
	return nil
}

func (g *game) reveal(r *protocol.RoundState) error {
	return g.do(protocol.Reveal{Account: attester(0), Round: 1, Outcome: g.outcome(r)})
}
