package protocol

import (
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// A dispute is over one slot. Every attester of the round recomputes the slot
// from its checkpoint, which needs public bytes alone, and votes blindly on the
// first segment whose end differs from the committed trace, with the leaf that
// it got. Two thirds of all weight decide, once and for all: a slot that was
// cleared cannot be disputed again.

// MaxDisputes bounds the open disputes of one round that deposits paid for;
// verdicts open at most one for each slot.
const MaxDisputes = 64

// maxOpenRounds bounds the rounds of a run that are not settled, so that
// disputes over many old rounds cannot make every block read all of them. The
// round under way and those in REVIEW are fewer; the rest is for disputes.
const maxOpenRounds = MaxUnsettledCap + 16

// Dispute is the question whether a slot's work was done as assigned.
type Dispute struct {
	Run      uint64
	Round    uint64
	Slot     uint32
	Trainer  Account // the accused
	Accuser  Account
	Audit    bool   // opened by a BAD verdict, for which the auditor's bond answers
	Deposit  uint64 // uweft of the accuser, held until it is decided; 0 for an audit
	Opened   time.Time
	Deadline time.Time
	Votes    []Judgement // sorted by attester
	Voted    uint64      // weight that voted
	QuorumAt time.Time   // when two thirds had voted; zero: not yet
	Ruled    bool        // two thirds of all weight found Ruling
	Ruling   Ruling
	Outcome  DisputeOutcome
}

// Judgement is one attester's blind vote in a dispute.
type Judgement struct {
	Attester Account
	Blind    digest.Digest // RulingBlind(...)
	At       time.Time
}

// Ruling is what recomputing a slot from its checkpoint showed.
type Ruling struct {
	// Segment is the first whose end differs from the committed trace; the
	// number of segments when none does.
	Segment uint32
	// Leaf is what the segment really gives; zero when none differs.
	Leaf digest.Digest
	// Snapshots are the sha256 of the snapshots at the ends of the audited
	// segments before Segment, in the order of the audits: they show whose verdicts
	// were work.
	Snapshots []digest.Digest
}

// DisputeOutcome is how a dispute ended.
type DisputeOutcome uint8

// The outcomes. Zero: it is open.
const (
	DisputeFraud   DisputeOutcome = 1 // the trace is not what the assigned work gives
	DisputeRefuted DisputeOutcome = 2 // the work was done
	DisputeLapsed  DisputeOutcome = 3 // two thirds did not decide in time: nobody pays
	DisputeMoot    DisputeOutcome = 4 // the trainer was convicted elsewhere meanwhile
)

var outcomeNames = [...]string{"OPEN", "FRAUD", "REFUTED", "LAPSED", "MOOT"}

func (o DisputeOutcome) String() string {
	if int(o) >= len(outcomeNames) {
		return fmt.Sprintf("DisputeOutcome(%d)", uint8(o))
	}
	return outcomeNames[o]
}

// RulingBlind is an attester's vote in a dispute.
func RulingBlind(account Account, run, round uint64, slot uint32, ruling Ruling) digest.Digest {
	e := newEncoder("weft/ruling/1")
	e.text(string(account))
	e.uint(run)
	e.uint(round)
	e.uint(uint64(slot))
	ruling.encode(e)
	return e.sum()
}

// Digest identifies a ruling: the evidence that a slash or a refutation names.
func (r *Ruling) Digest() digest.Digest {
	e := newEncoder("weft/evidence/1")
	r.encode(e)
	return e.sum()
}

func (r *Ruling) encode(e *encoder) {
	e.uint(uint64(r.Segment))
	e.digest(r.Leaf)
	e.uint(uint64(len(r.Snapshots)))
	for _, s := range r.Snapshots {
		e.digest(s)
	}
}

// dispute finds the dispute over a slot, decided or not.
func (r *RoundState) dispute(slot uint32) *Dispute {
	i, found := findDispute(r.Disputes, slot)
	if !found {
		return nil
	}
	return &r.Disputes[i]
}

// undecided finds the dispute over a slot that is not decided.
func (r *RoundState) undecided(slot uint32) *Dispute {
	if d := r.dispute(slot); d != nil && d.Outcome == 0 {
		return d
	}
	return nil
}

// disputed says whether any dispute is open; of an account when one is given.
func (r *RoundState) disputed(trainer Account) bool {
	return slices.ContainsFunc(r.Disputes, func(d Dispute) bool {
		return d.Outcome == 0 && (trainer == "" || d.Trainer == trainer)
	})
}

// beginDispute adds a dispute, in place of one over the slot that lapsed.
func (m *machine) beginDispute(r *RoundState, d Dispute) {
	d.Run, d.Round, d.Opened = m.Run.ID, r.Round.Number, m.now
	// A slot takes an attester as long as its trainer had, at most.
	d.Deadline = m.now.Add(m.Run.Spec.TrainTime + m.Run.Spec.ReviewTime)
	if i, found := findDispute(r.Disputes, d.Slot); found {
		r.Disputes[i] = d
	} else {
		r.Disputes = slices.Insert(r.Disputes, i, d)
	}
	hold := m.Run.Trainer(d.Trainer) == nil // it left, and its bond may be on its way back
	if !slices.Contains(m.Run.Unsettled, r.Round.Number) {
		hold = true
		m.Run.Unsettled = append(m.Run.Unsettled, r.Round.Number)
		slices.Sort(m.Run.Unsettled)
	}
	if hold {
		m.do(HoldBond{Run: m.Run.ID, Account: d.Trainer})
	}
	m.tell(Disputed{Run: m.Run.ID, Round: r.Round.Number, Slot: d.Slot, Trainer: d.Trainer, Accuser: d.Accuser, Deposit: d.Deposit,
		Deadline: d.Deadline})
}

func (e DisputeWork) apply(m *machine) error {
	r := m.Find(e.Round)
	if r == nil {
		return fmt.Errorf("%w: run %d has no round %d", ErrPhase, m.Run.ID, e.Round)
	}
	terms, err := m.world.Terms()
	if err != nil {
		return err
	}
	if err := r.Round.disputable(m.now, terms.EvidenceWindow); err != nil {
		return err
	}
	part := r.part(e.Trainer)
	if part == nil || part.Slot(e.Slot) == nil {
		return fmt.Errorf("%w: slot %d of round %d is not %s's", ErrNotMember, e.Slot, e.Round, e.Trainer)
	}
	w := part.Slot(e.Slot)
	switch open := r.paidDisputes(); {
	case part.Reason == ReasonFraud || w.Cleared:
		return fmt.Errorf("%w: slot %d of round %d was decided", ErrDuplicate, e.Slot, e.Round)
	case r.undecided(e.Slot) != nil:
		return fmt.Errorf("%w: slot %d of round %d is under dispute", ErrDuplicate, e.Slot, e.Round)
	case w.Fate != SlotIncluded:
		return fmt.Errorf("%w: slot %d of round %d is no part of the checkpoint", ErrInvalid, e.Slot, e.Round)
	case r.Round.Phase == PhaseSettled && len(m.Run.Unsettled) >= maxOpenRounds:
		return fmt.Errorf("%w: %d rounds of run %d are open; try again when their disputes are decided", ErrFull, len(m.Run.Unsettled), m.Run.ID)
	case open >= MaxDisputes:
		return fmt.Errorf("%w: %d disputes of round %d are open", ErrFull, open, e.Round)
	}
	m.do(LockDeposit{Run: m.Run.ID, Account: e.Account, Amount: terms.Deposit})
	m.beginDispute(r, Dispute{Slot: e.Slot, Trainer: e.Trainer, Accuser: e.Account, Deposit: terms.Deposit})
	return nil
}

func (r *RoundState) paidDisputes() int {
	n := 0
	for i := range r.Disputes {
		if d := &r.Disputes[i]; d.Outcome == 0 && !d.Audit {
			n++
		}
	}
	return n
}

// disputable refuses rounds that are not FINAL and those whose evidence window
// is over.
func (r *Round) disputable(now time.Time, window time.Duration) error {
	switch {
	case r.Pruned || r.Phase == PhaseSettled && !now.Before(r.Ended.Add(window)):
		return fmt.Errorf("%w: the evidence window of round %d is over", ErrDeadline, r.Number)
	case r.Phase != PhaseReview && r.Phase != PhaseDispute && r.Phase != PhaseSettled:
		return fmt.Errorf("%w: round %d is in %s and has no checkpoint yet", ErrPhase, r.Number, r.Phase)
	}
	return nil
}
