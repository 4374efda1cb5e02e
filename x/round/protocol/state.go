package protocol

import (
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// State is what the rules read and change: one run and its rounds.
//
// Advance needs every live round whole. Apply needs the run, the header of
// the round that the event names, and of its parts and votes only those of
// the sender; Reveal and Report need all votes, Reveal all parts too. Review
// needs the parts that its findings name, and disputes of their slots;
// DisputeWork, Judge and Conclude need the accused's part and all disputes.
type State struct {
	Run    Run
	Rounds []RoundState // ascending by number
}

// RoundState is a round with its parts and votes, each sorted by account, and
// its disputes, sorted by slot.
type RoundState struct {
	Round    Round
	Parts    []Part
	Votes    []Vote
	Disputes []Dispute
}

// World answers what the rules must know of the rest of the chain. An error
// means that it could not be read; it is never a refusal.
type World interface {
	// Standing says whether the account is a registered worker, and until
	// when it is jailed (zero time: it is not).
	Standing(account Account) (registered bool, jailedUntil time.Time, err error)
	// Weight is the bonded tokens of the account's linked validator; 0 when
	// it has none, or that one is unbonded or jailed.
	Weight(account Account) (uint64, error)
	// Model describes the model that the run trains.
	Model() (ModelInfo, error)
	// Terms are the chain's parameters that rules need.
	Terms() (Terms, error)
	// BlockHash is the hash of the block under way.
	BlockHash() digest.Digest
}

// Terms are what governance decides for all runs.
type Terms struct {
	EvidenceWindow time.Duration // how long after SETTLED a round can be disputed and bonds stay locked
	Deposit        uint64        // uweft that MsgDispute holds
	Fine           uint32        // basis points of BondPerSlot that a wrong verdict costs
	Floor          Floor
}

// Floor is what rounds need that are paid from the community pool.
type Floor struct {
	Trainers  uint32 // active trainers
	Attesters uint32 // ready attesters
	Stake     uint64 // uweft bonded by their validators
}

// Open is the state of a run at the moment governance opens it. The caller
// has moved the budget into escrow and checked the owner's approval.
func Open(id uint64, spec RunSpec, head digest.Digest, now time.Time) (*State, []Step, error) {
	if err := spec.Validate(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	s := &State{Run: Run{
		ID: id, Spec: spec, Status: StatusOpen,
		Opened: now, WaitSince: now,
		Start: head, Head: head, Next: 1,
		Escrow: Escrow{Free: spec.Budget},
	}}
	return s, []Step{RunOpened{Run: id, Model: spec.Model, Spec: spec.Digest(), Budget: spec.Budget}}, nil
}

// Find returns a round of the state; nil when it is not there.
func (s *State) Find(number uint64) *RoundState {
	for i := range s.Rounds {
		if s.Rounds[i].Round.Number == number {
			return &s.Rounds[i]
		}
	}
	return nil
}

// part finds a trainer's part; nil when it has none.
func (r *RoundState) part(account Account) *Part {
	i, found := findPart(r.Parts, account)
	if !found {
		return nil
	}
	return &r.Parts[i]
}

// vote finds an attester's vote; nil when it has none.
func (r *RoundState) vote(account Account) *Vote {
	i, found := findVote(r.Votes, account)
	if !found {
		return nil
	}
	return &r.Votes[i]
}

// voteOf finds an attester's vote and makes an empty one when there is none.
func (r *RoundState) voteOf(account Account) *Vote {
	i, found := findVote(r.Votes, account)
	if !found {
		r.Votes = slices.Insert(r.Votes, i, Vote{Run: r.Round.Run, Round: r.Round.Number, Attester: account})
	}
	return &r.Votes[i]
}

// machine is one call of Apply or Advance: the state, what it may ask, and
// the steps so far.
type machine struct {
	*State
	now   time.Time
	world World
	out   []Step
}

// do asks the caller for something.
func (m *machine) do(e Effect) { m.out = append(m.out, e) }

// tell lets the caller show something.
func (m *machine) tell(n Notice) { m.out = append(m.out, n) }
