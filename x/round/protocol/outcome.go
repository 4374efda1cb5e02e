package protocol

import (
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Contribution is one included delta. Manifests of checkpoints list contributions: the fields stand in the order of their
// canonical JSON.
type Contribution struct {
	Delta   digest.Digest `json:"delta"` // sha256 of the encoded delta, as committed
	Slot    uint32        `json:"slot"`
	Steps   uint32        `json:"steps"`  // done, as committed
	Tokens  uint64        `json:"tokens"` // answer tokens of those steps, counted by attesters from the assignment
	Trainer Account       `json:"trainer"`
}

// Outcome is what attesters compute of a round and vote on.
type Outcome struct {
	Checkpoint     digest.Digest
	Size           uint64         // bytes of the checkpoint's adapter and outer state
	AssignedTokens uint64         // answer tokens of all slots dealt, whether they came or not
	Contributions  []Contribution // one for each included slot, ascending by slot
}

// Root is the contributions root of the outcome.
func (o *Outcome) Root() digest.Digest {
	return ContributionsRoot(o.Size, o.AssignedTokens, o.Contributions)
}

// Tokens is the sum over the contributions.
func (o *Outcome) Tokens() uint64 {
	sum := uint64(0)
	for _, c := range o.Contributions {
		sum += c.Tokens
	}
	return sum
}

// ContributionsRoot covers everything a blind vote binds besides the
// checkpoint: its size, the tokens that were assigned and each included delta
// with its token count, ascending by slot.
func ContributionsRoot(size, assignedTokens uint64, contributions []Contribution) digest.Digest {
	e := newEncoder("weft/contributions/1")
	e.uint(size)
	e.uint(assignedTokens)
	e.uint(uint64(len(contributions)))
	for _, c := range contributions {
		e.text(string(c.Trainer))
		e.uint(uint64(c.Slot))
		e.digest(c.Delta)
		e.uint(uint64(c.Steps))
		e.uint(c.Tokens)
	}
	return e.sum()
}

// Blind is an attester's vote on a round's checkpoint. It names the account,
// so that nobody can repeat a vote without computing the checkpoint.
func Blind(account Account, run, round uint64, checkpoint, contributionsRoot digest.Digest) digest.Digest {
	e := newEncoder("weft/blind/1")
	e.text(string(account))
	e.uint(run)
	e.uint(round)
	e.digest(checkpoint)
	e.digest(contributionsRoot)
	return e.sum()
}

// EvalBlind is an attester's vote on the evaluation of a round's checkpoint:
// the mean in micro-nats per answer token and the number of those tokens.
func EvalBlind(account Account, run, round uint64, checkpoint digest.Digest, microNats, tokens uint64) digest.Digest {
	e := newEncoder("weft/evalblind/1")
	e.text(string(account))
	e.uint(run)
	e.uint(round)
	e.digest(checkpoint)
	e.uint(microNats)
	e.uint(tokens)
	return e.sum()
}

// Seed is the randomness of a round: known when TRAIN begins and the same for
// everybody.
func Seed(run, round uint64, parent digest.Digest) digest.Digest {
	e := newEncoder("weft/seed/1")
	e.uint(run)
	e.uint(round)
	e.digest(parent)
	return e.sum()
}

// rank orders trainers for selection in a way that nobody chose.
func rank(seed digest.Digest, account Account) digest.Digest {
	e := newEncoder("weft/rank/1")
	e.digest(seed)
	e.text(string(account))
	return e.sum()
}

// Cooldown is how long a trainer stays inactive after its strikes-th time:
// the hard length of one round, doubled each time, at most 64 times that.
func (s RunSpec) Cooldown(strikes uint32) time.Duration {
	round := s.TrainTime + s.PublishTime + s.AttestTime
	return round << min(max(strikes, 1)-1, 6)
}
