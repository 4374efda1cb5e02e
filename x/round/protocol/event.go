package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Event is something a person did. Each is one message on the chain.
type Event interface {
	apply(m *machine) error
}

// Enrol offers slots of work in every round from the next TRAIN on. Enrolling
// again changes the number of slots, or ends an inactivity after its
// cool-down.
type Enrol struct {
	Account Account
	Slots   uint32
}

// Leave takes no more part: a trainer gets no more work, an attester is no
// longer ready. The bond goes back after the last round served is SETTLED.
type Leave struct{ Account Account }

// Ready says that an attester holds and serves the base and the token sets,
// that their digests match and that no record is in both.
type Ready struct{ Account Account }

// CommitWork binds a trainer to the work of one slot.
type CommitWork struct {
	Account Account
	Round   uint64
	Slot    uint32
	Commit  Commit
}

// DisputeWork accuses a trainer of not having done a slot's work as assigned,
// with a deposit.
type DisputeWork struct {
	Account Account
	Round   uint64
	Trainer Account
	Slot    uint32
}

// Judge is a blind vote in a dispute: RulingBlind(...).
type Judge struct {
	Account Account
	Round   uint64
	Slot    uint32
	Blind   digest.Digest
}

// Conclude opens the votes of a dispute. When a segment differs, Path proves
// that the committed trace has the leaf Committed at that segment's end.
type Conclude struct {
	Account   Account
	Round     uint64
	Slot      uint32
	Ruling    Ruling
	Committed digest.Digest
	Path      []digest.Digest
}

// Witness says which committed bodies an attester holds, decoded (Ok), and
// which it found invalid (Bad). It may be sent again with further slots; what
// was said stays. An empty one says "I am here and got nothing".
type Witness struct {
	Account Account
	Round   uint64
	Ok, Bad []uint32      // ascending slots
	Salt    digest.Digest // SaltCommitment(...); zero: none, or said before
}

// Attest is a blind vote: Blind(account, run, round, checkpoint, root).
type Attest struct {
	Account Account
	Round   uint64
	Blind   digest.Digest
	Salt    digest.Digest // opens the commitment of the witness; zero when there was none
}

// Reveal opens the votes of ATTEST.
type Reveal struct {
	Account Account
	Round   uint64
	Outcome Outcome
}

// Review is a blind vote on the evaluation, EvalBlind(...), and verdicts of
// audits; at least one of the two.
type Review struct {
	Account  Account
	Round    uint64
	Blind    digest.Digest // zero: no vote
	Findings []Finding
}

// Report opens the votes of REVIEW.
type Report struct {
	Account   Account
	Round     uint64
	MicroNats uint64
	Tokens    uint64
}

// Pause, Resume and Cancel are governance's. Pause and Cancel mean "no new
// TRAIN": the round under way runs to SETTLED and is paid.
type (
	Pause  struct{}
	Resume struct{}
	Cancel struct{}
)

// Apply carries out one event at block time now. On an error the state is
// unchanged and there are no steps. Phases never change here: Advance does
// that, so that the order of events within a block decides nothing.
func (s *State) Apply(now time.Time, world World, event Event) ([]Step, error) {
	m := &machine{State: s, now: now, world: world}
	if err := event.apply(m); err != nil {
		return nil, err
	}
	return m.out, nil
}

// open refuses when a round is not in the phase or past its deadline.
func (m *machine) open(number uint64, phase Phase) (*RoundState, error) {
	r := m.Find(number)
	if r == nil {
		return nil, fmt.Errorf("%w: run %d has no live round %d", ErrPhase, m.Run.ID, number)
	}
	if r.Round.Phase != phase {
		return nil, fmt.Errorf("%w: round %d is in %s, this belongs to %s", ErrPhase, number, r.Round.Phase, phase)
	}
	if !m.now.Before(r.Round.Deadline) {
		return nil, fmt.Errorf("%w: %s of round %d ended at %s", ErrDeadline, phase, number, stamp(r.Round.Deadline))
	}
	return r, nil
}

// seated refuses who has no seat in the round.
func seated(r *RoundState, account Account) (*Seat, error) {
	seat := r.Round.Seat(account)
	if seat == nil {
		return nil, fmt.Errorf("%w: %s is no attester of round %d", ErrNotMember, account, r.Round.Number)
	}
	return seat, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
