package protocol

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
)

// An audit is the recomputation of one segment of a slot's trace by one
// attester. Which segments an attester audits follows from its own salt, which
// it committed to in MsgWitness and opened in MsgAttest, and from the hash of
// the block in which ATTEST began, which was fixed before any salt was open. No
// trainer could know it while training, and nobody else can choose it: neither
// a proposer, who does not know the salt, nor those who vote last, whose salts
// have no part in it (docs/adr/0006-who-draws-the-audit.md).

// Audit is one segment that one attester has to recompute.
type Audit struct {
	Segment uint32 // from 0
	Auditor Account
	Second  bool // the first auditor did not answer in time
	Verdict Verdict
	Work    digest.Digest // Work(auditor, snapshot at the end of the segment); zero before the verdict
}

// Verdict is what became of an audit.
type Verdict uint8

// The verdicts. Zero: none yet.
const (
	VerdictOK      Verdict = 1 // the segment gives the committed leaf
	VerdictBad     Verdict = 2 // it does not: a dispute decides
	VerdictMissing Verdict = 3 // neither auditor answered
	VerdictMoot    Verdict = 4 // a dispute over the slot was decided, or its trainer convicted elsewhere
)

var verdictNames = [...]string{"pending", "OK", "BAD", "MISSING", "MOOT"}

func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return fmt.Sprintf("Verdict(%d)", uint8(v))
	}
	return verdictNames[v]
}

// Finding is an attester's answer to one audit.
type Finding struct {
	Trainer Account
	Slot    uint32
	Segment uint32
	OK      bool
	Work    digest.Digest // proof that the segment was recomputed; see Work
}

// SaltCommitment hides a salt until it is opened in MsgAttest.
func SaltCommitment(account Account, run, round uint64, salt digest.Digest) digest.Digest {
	e := newEncoder("weft/salt/1")
	e.text(string(account))
	e.uint(run)
	e.uint(round)
	e.digest(salt)
	return e.sum()
}

// Work is what only somebody who has the snapshot at the end of a segment can
// say: it names the auditor, so nobody can repeat another's. snapshot is the
// sha256 of its bytes, which is published only when a dispute is
// decided; the leaf, which is public, does not give it away.
func Work(auditor Account, snapshot digest.Digest) digest.Digest {
	e := newEncoder("weft/work/1")
	e.text(string(auditor))
	e.digest(snapshot)
	return e.sum()
}

// assignAudits lets every attester that voted for the result draw its audits:
// its part by weight of Spec.Audits for each included slot, on average.
func (m *machine) assignAudits(r *RoundState) {
	var slots []auditable
	for i := range r.Parts {
		if r.Parts[i].Reason == ReasonFraud {
			continue // convicted in an earlier round; nothing is paid for this one
		}
		for j := range r.Parts[i].Slots {
			if w := &r.Parts[i].Slots[j]; w.Fate == SlotIncluded {
				slots = append(slots, auditable{w, m.Run.Spec.Segments(w.Commit.Steps)})
			}
		}
	}
	agreed := r.agreed()
	for _, seat := range agreed.seats {
		d := ownDrawer(&r.Round, r.vote(seat.Account))
		d.audits(seat.Account, slots, d.share(uint64(m.Run.Spec.Audits)*uint64(len(slots)), seat.Weight, agreed.weight()))
	}
	for _, w := range slots {
		slices.SortFunc(w.Audits, func(a, b Audit) int {
			return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Auditor, b.Auditor))
		})
	}
}

// agreement is the seats that voted for the result, with their weights laid end
// to end: seat i is from ends[i]-weight to ends[i].
type agreement struct {
	seats []Seat // sorted by account
	ends  []uint64
}

func (r *RoundState) agreed() (a agreement) {
	for _, seat := range r.Round.Seats {
		if v := r.vote(seat.Account); v != nil && v.Agreed {
			a.seats, a.ends = append(a.seats, seat), append(a.ends, a.weight()+seat.Weight)
		}
	}
	return a
}

func (a *agreement) weight() uint64 {
	if len(a.ends) == 0 {
		return 0
	}
	return a.ends[len(a.ends)-1]
}

// draw gives a seat by weight, other than those with some indices (ascending);
// false when there is no other.
func (a *agreement) draw(d *drawer, but []int) (Account, bool) {
	left := a.weight()
	for _, i := range but {
		left -= a.seats[i].Weight
	}
	if left == 0 {
		return "", false
	}
	x := d.below(left)
	for _, i := range but {
		if a.ends[i]-a.seats[i].Weight <= x {
			x += a.seats[i].Weight
		}
	}
	i, _ := slices.BinarySearch(a.ends, x+1) // the first that ends beyond x
	return a.seats[i].Account, true
}

// auditable is a slot with the number of its segments.
type auditable struct {
	*SlotWork
	segments uint32
}

// audits gives an auditor n audits of the slots: one of each slot before a
// second of any, and never the same segment twice. With a larger n they are
// these and more.
func (d *drawer) audits(auditor Account, slots []auditable, n uint64) {
	open := slices.Clone(slots)
	taken := make(map[uint32][]uint32, min(n, uint64(len(slots)))) // segments by slot
	for n > 0 && len(open) > 0 {
		for i := range min(n, uint64(len(open))) {
			j := i + d.below(uint64(len(open))-i)
			open[i], open[j] = open[j], open[i]
			w := open[i]
			segment := d.other(w.segments, taken[w.Index])
			taken[w.Index] = append(taken[w.Index], segment)
			w.Audits = append(w.Audits, Audit{Segment: segment, Auditor: auditor})
			n--
		}
		open = slices.DeleteFunc(open, func(w auditable) bool { return len(taken[w.Index]) == int(w.segments) })
	}
}

// second draws another auditor for an audit of a slot that did not come: one
// that neither has nor had the same segment; false when there is none. before
// are the slot's audits before any was given on.
func (r *RoundState) second(agreed *agreement, w *SlotWork, before []Audit, a *Audit) (Account, bool) {
	var but []int
	for _, list := range [][]Audit{before, w.Audits} {
		for _, o := range list {
			if o.Segment != a.Segment {
				continue
			}
			if i, found := findSeat(agreed.seats, o.Auditor); found {
				but = append(but, i)
			}
		}
	}
	slices.Sort(but)
	return agreed.draw(secondDrawer(&r.Round, w.Index, a), slices.Compact(but))
}

// reassignAudits gives each audit without a verdict to somebody else, once,
// and says whether there was one.
func (m *machine) reassignAudits(r *RoundState) bool {
	again, agreed := false, r.agreed()
	r.eachSlot(func(w *SlotWork) {
		before := slices.Clone(w.Audits)
		for i := range w.Audits {
			if a := &w.Audits[i]; a.Verdict == 0 && !a.Second {
				again = m.reassign(r, &agreed, w, before, a) || again
			}
		}
	})
	return again
}

func (m *machine) reassign(r *RoundState, agreed *agreement, w *SlotWork, before []Audit, a *Audit) bool {
	r.voteOf(a.Auditor).Missed++
	next, found := r.second(agreed, w, before, a)
	if !found {
		a.Verdict = VerdictMissing
		return false
	}
	m.tell(AuditReassigned{Run: m.Run.ID, Round: r.Round.Number, Slot: w.Index, Segment: a.Segment, From: a.Auditor, To: next})
	a.Auditor, a.Second = next, true
	return true
}

// closeAudits gives up on what is still missing.
func (r *RoundState) closeAudits() {
	r.eachAudit(func(_ *SlotWork, a *Audit) {
		if a.Verdict == 0 {
			r.voteOf(a.Auditor).Missed++
			a.Verdict = VerdictMissing
		}
	})
}

// audited says whether every audit has its verdict. A dispute over the slot
// changes nothing here: if it could, a friend's accusation would spare a forger
// its audits.
func (r *RoundState) audited() bool {
	done := true
	r.eachAudit(func(_ *SlotWork, a *Audit) { done = done && a.Verdict != 0 })
	return done
}

// eachAudit calls f for every audit of the round.
func (r *RoundState) eachAudit(f func(*SlotWork, *Audit)) {
	r.eachSlot(func(w *SlotWork) {
		for i := range w.Audits {
			f(w, &w.Audits[i])
		}
	})
}

// asked finds the audit that a finding answers.
func (r *RoundState) asked(account Account, f Finding) (*Audit, error) {
	part := r.part(f.Trainer)
	if part == nil || part.Slot(f.Slot) == nil {
		return nil, fmt.Errorf("%w: slot %d of round %d is not %s's", ErrNotMember, f.Slot, r.Round.Number, f.Trainer)
	}
	w := part.Slot(f.Slot)
	i := slices.IndexFunc(w.Audits, func(a Audit) bool { return a.Segment == f.Segment && a.Auditor == account })
	if i < 0 {
		return nil, fmt.Errorf("%w: segment %d of slot %d was not given to %s", ErrNotMember, f.Segment, f.Slot, account)
	}
	a := &w.Audits[i]
	if a.Verdict != 0 {
		return nil, fmt.Errorf("%w: the audit of segment %d of slot %d is %s", ErrDuplicate, f.Segment, f.Slot, a.Verdict)
	}
	if f.Work.IsZero() {
		return nil, fmt.Errorf("%w: a verdict needs the digest that proves the work", ErrInvalid)
	}
	return a, nil
}

// answer records one verdict. A BAD one opens a dispute, for which the
// auditor's bond answers.
func (m *machine) answer(r *RoundState, account Account, a *Audit, f Finding) {
	a.Verdict, a.Work = VerdictBad, f.Work
	if f.OK {
		a.Verdict = VerdictOK
	}
	r.voteOf(account).Audited++
	m.tell(Audited{Run: m.Run.ID, Round: r.Round.Number, Account: account, Trainer: f.Trainer, Slot: f.Slot, Segment: f.Segment,
		Verdict: a.Verdict})
	if !f.OK && r.undecided(f.Slot) == nil {
		m.beginDispute(r, Dispute{Slot: f.Slot, Trainer: f.Trainer, Accuser: account, Audit: true})
	}
}
