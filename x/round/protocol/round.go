package protocol

import (
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Round is the header of one round: what everybody needs to know, without
// the parts and votes, which are kept one by one.
type Round struct {
	Run      uint64
	Number   uint64 // 0: evaluation of the checkpoint the run starts from
	Phase    Phase
	Started  time.Time
	Deadline time.Time // hard end of the phase; what arrives at or after it is refused
	Graced   bool      // TRAIN: two thirds are in and the deadline was shortened

	Parent   digest.Digest // checkpoint trained from
	Seed     digest.Digest // Seed(run, number, parent)
	Cursor   uint64        // first record dealt
	Slots    uint32        // slots dealt, over all selected trainers
	Reserved uint64        // uweft reserved for it

	Attempt  uint32    // of ATTEST, from 1
	Seats    []Seat    // attesters and their weights, sorted by account; fixed at TRAIN, renewed by a retry
	Voted    uint64    // weight that voted in the ballot under way: ATTEST's attempt, or REVIEW
	QuorumAt time.Time // when two thirds of the weight had voted in the ballot under way; zero: not yet

	Entropy   digest.Digest // hash of the block in which ATTEST first began; no salt was open before
	Second    bool          // audits that were missing went to other attesters
	Convicted uint32        // trainers found to have forged work of this round

	Included []uint32      // slots included, ascending; fixed at the end of PUBLISH
	Result   Outcome       // what was revealed; zero before FINAL
	Root     digest.Digest // contributions root of the result
	Opened   bool          // a reveal opened two thirds of the weight

	EvalDue bool
	Eval    Eval

	Ended    time.Time // when it became SETTLED or VOID
	Void     Reason    // why it is VOID; 0 otherwise
	Paid     uint64    // uweft credited by it, over everybody
	Minted   uint64    // shares minted by it, over everybody
	Shares   uint64    // shares it may mint, over everybody; fixed when it is settled
	Verified uint64    // tokens for which the owners were credited
	Pruned   bool      // the evidence window is over: only outcomes are left
}

// Seat is an attester's place in the quorum of a round.
type Seat struct {
	Account Account
	Weight  uint64 // bonded tokens of its validator
}

// Eval is a recorded evaluation.
type Eval struct {
	Reported  bool
	MicroNats uint64 // mean negative log-likelihood per answer token, in 1e-6 nats
	Tokens    uint64 // answer tokens it is the mean of
}

// Weight is the total weight of the seats.
func (r *Round) Weight() uint64 {
	total := uint64(0)
	for _, s := range r.Seats {
		total += s.Weight
	}
	return total
}

// Seat finds an attester's seat; nil when it has none.
func (r *Round) Seat(account Account) *Seat {
	i, found := findSeat(r.Seats, account)
	if !found {
		return nil
	}
	return &r.Seats[i]
}

// Assignment is the deal of this round's records.
func (r *Round) Assignment(spec *RunSpec) Assignment {
	return Assignment{Cursor: r.Cursor, Slots: r.Slots, Steps: spec.InnerSteps, Batch: spec.Batch}
}

// Part is one enrolled trainer in one round.
type Part struct {
	Run     uint64
	Round   uint64
	Trainer Account
	Slots   []SlotWork // empty when it was not selected; ascending by Index
	Reason  Reason     // 0: not decided yet

	Tokens   uint64 // verified, over its included slots
	Pay      uint64 // uweft credited, or held
	Shares   uint64 // units minted, or held
	Held     bool   // a dispute decides whether Pay and Shares are credited
	Steps    uint64 // verified
	Assigned uint64 // steps assigned
}

// SlotWork is the work of one slot.
type SlotWork struct {
	Index     uint32 // number of the slot in the round
	Commit    Commit // zero when nothing was committed
	OkWeight  uint64 // weight of attesters that hold the body, decoded
	BadWeight uint64 // weight of attesters that found it invalid
	Fate      SlotFate
	Audits    []Audit // drawn at FINAL, ascending by segment
	Cleared   bool    // a dispute found that the work was done
}

// SlotFate is what became of a slot.
type SlotFate uint8

// The fates. Zero: not decided yet.
const (
	SlotIncluded    SlotFate = 1
	SlotLate        SlotFate = 2
	SlotUnavailable SlotFate = 3
	SlotMalformed   SlotFate = 4
	SlotFraud       SlotFate = 5 // forged, or of a trainer convicted before it was included
)

// Commit binds a trainer to its work before anybody has seen it.
type Commit struct {
	Body  digest.Digest // sha256 of the encoded delta
	Trace digest.Digest // root of the tree over the snapshots, segment by segment
	Steps uint32        // steps done, at most H
	Size  uint64        // bytes of the encoded delta
}

// Committed says whether the slot has a commitment.
func (w *SlotWork) Committed() bool { return w.Commit.Steps > 0 }

// Selected says whether the trainer was given work.
func (p *Part) Selected() bool { return len(p.Slots) > 0 }

// Slot finds a slot of the part; nil when it is not its own.
func (p *Part) Slot(index uint32) *SlotWork {
	for i := range p.Slots {
		if p.Slots[i].Index == index {
			return &p.Slots[i]
		}
	}
	return nil
}

// Vote is what one attester said in one round.
type Vote struct {
	Run      uint64
	Round    uint64
	Attester Account

	Witnessed bool     // sent at least one MsgWitness, also one without a slot
	Ok        []uint32 // slots held and decoded, ascending
	Bad       []uint32 // slots found invalid, ascending

	SaltCommit digest.Digest // SaltCommitment(...); zero: none
	Salt       digest.Digest // opened with the blind vote

	Blind    digest.Digest // of the checkpoint, for the current attempt; zero: none
	BlindAt  time.Time     // block time of the blind vote
	Agreed   bool          // its blind was opened by the result
	Review   digest.Digest // blind vote on the evaluation; zero: none
	ReviewAt time.Time
	Reviewed bool   // its review was opened by the report
	Audited  uint32 // audits it answered
	Missed   uint32 // audits it was given and did not answer
	Pay      uint64 // uweft credited
	Shares   uint64 // units minted
}
