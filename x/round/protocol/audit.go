package protocol

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// An audit is the recomputation of one segment of a slot's trace by one
// attester. Which segments, and by whom, is drawn at FINAL from what nobody
// could know while training and nobody can choose afterwards: salts that
// attesters committed to in MsgWitness and opened in MsgAttest, and the hash of
// the block in which ATTEST began, which was fixed before any salt was open.
// Whoever votes last knows the draw and could keep its salt back if it does not
// like it; then there is no draw of segments: all of them are audited
// (docs/adr/0006-who-draws-the-audit.md).

const (
	// saltPause is for how many rounds the salts of an attester that kept one
	// back do not count: so it can cause the work of a thorough round once in
	// so many.
	saltPause = 20
	// maxThorough bounds the audits of a thorough round. Slots of more segments
	// than fit, or than MaxAudits, get as many as fit.
	maxThorough = 1 << 14
)

// Audit is one segment that one attester has to recompute.
type Audit struct {
	Segment uint32 // from 0
	Auditor Account
	Second  bool // the first auditor did not answer in time
	Verdict Verdict
	Work    Digest // Work(auditor, state at the end of the segment); zero before the verdict
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
	Work    Digest // proof that the segment was recomputed; see Work
}

// SaltCommitment hides a salt until it is opened in MsgAttest.
func SaltCommitment(account Account, run, round uint64, salt Digest) Digest {
	e := newEncoder("weft/salt/1")
	e.text(string(account))
	e.uint(run)
	e.uint(round)
	e.digest(salt)
	return e.sum()
}

// Work is what only somebody who has the state at the end of a segment can
// say: it names the auditor, so nobody can repeat another's. state is the
// sha256 of the state's bytes, which is published only when a dispute is
// decided; the leaf, which is public, does not give it away.
func Work(auditor Account, state Digest) Digest {
	e := newEncoder("weft/work/1")
	e.text(string(auditor))
	e.digest(state)
	return e.sum()
}

// auditSeed is the randomness of a round's audits.
func auditSeed(run, round uint64, entropy Digest, votes []Vote) Digest {
	var salts []Digest
	for i := range votes {
		if !votes[i].Salt.IsZero() {
			salts = append(salts, votes[i].Salt)
		}
	}
	slices.SortFunc(salts, func(a, b Digest) int { return slices.Compare(a[:], b[:]) })
	e := newEncoder("weft/audit/1")
	e.uint(run)
	e.uint(round)
	e.digest(entropy)
	e.uint(uint64(len(salts)))
	for _, s := range salts {
		e.digest(s)
	}
	return e.sum()
}

// drawer is a stream of numbers that everybody can repeat.
type drawer struct {
	seed Digest
	n    uint64
}

// below draws a number below n > 0. Taking the remainder of 64 bits favours no
// value by more than n/2^64.
func (d *drawer) below(n uint64) uint64 {
	d.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(d.seed[:], d.n))
	return binary.BigEndian.Uint64(sum[:8]) % n
}

// slotDrawer gives each slot a stream of its own. A second auditor comes from
// another stream than the first.
func slotDrawer(seed Digest, slot uint32, second bool) *drawer {
	e := newEncoder("weft/draw/1")
	e.digest(seed)
	e.uint(uint64(slot))
	e.flag(second)
	return &drawer{seed: e.sum()}
}

// segments draws `want` different ones of n, ascending; all when there are no more.
func (d *drawer) segments(n, want uint32) []uint32 {
	all := make([]uint32, n)
	for i := range all {
		all[i] = uint32(i)
	}
	want = min(want, n)
	for i := range want {
		j := i + uint32(d.below(uint64(n-i)))
		all[i], all[j] = all[j], all[i]
	}
	out := all[:want]
	slices.Sort(out)
	return out
}

// auditor draws a seat by weight among those that voted for the result, other
// than one; false when there is none.
func (d *drawer) auditor(r *RoundState, other Account) (Account, bool) {
	total := uint64(0)
	for _, seat := range r.Round.Seats {
		if r.mayAudit(seat.Account, other) {
			total += seat.Weight
		}
	}
	if total == 0 {
		return "", false
	}
	x := d.below(total)
	for _, seat := range r.Round.Seats {
		if !r.mayAudit(seat.Account, other) {
			continue
		}
		if x < seat.Weight {
			return seat.Account, true
		}
		x -= seat.Weight
	}
	return "", false
}

func (r *RoundState) mayAudit(account, other Account) bool {
	v := r.vote(account)
	return account != other && v != nil && v.Agreed
}

// withheld lists the seats that committed to a salt and did not open it,
// whether they could not or did not want to.
func (r *RoundState) withheld() (list []Account) {
	for _, seat := range r.Round.Seats {
		if v := r.vote(seat.Account); v != nil && !v.SaltCommit.IsZero() && v.Salt.IsZero() {
			list = append(list, seat.Account)
		}
	}
	return list
}

// Thorough says that a salt was withheld, so that all segments are audited.
// What is not answered in such a round is held against no auditor: it may be
// much more than the round's times were made for.
func (r *RoundState) Thorough() bool { return len(r.withheld()) > 0 }

// pauseSalts lets the salts of those who withheld one count no more for a while.
func (m *machine) pauseSalts(r *RoundState, withheld []Account) {
	for _, account := range withheld {
		if a := m.Run.Attester(account); a != nil {
			a.SaltFrom = r.Round.Number + 1 + saltPause
		}
	}
}

// audits is how many segments of a slot are drawn.
func (m *machine) audits(r *RoundState) uint32 {
	if r.Thorough() {
		return max(MaxAudits, maxThorough/uint32(len(r.Round.Included)))
	}
	return m.Run.Spec.Audits
}

// reviewTime is how long REVIEW waits for verdicts.
func (m *machine) reviewTime(r *RoundState) time.Duration {
	if r.Thorough() {
		return m.Run.Spec.ReviewTime + m.Run.Spec.TrainTime
	}
	return m.Run.Spec.ReviewTime
}

// assignAudits draws the audits of every included slot.
func (m *machine) assignAudits(r *RoundState) {
	r.Round.AuditSeed = auditSeed(m.Run.ID, r.Round.Number, r.Round.Entropy, r.Votes)
	withheld := r.withheld()
	m.pauseSalts(r, withheld)
	audits := m.audits(r)
	for i := range r.Parts {
		if r.Parts[i].Reason == ReasonFraud {
			continue // convicted in an earlier round; nothing is paid for this one
		}
		for j := range r.Parts[i].Slots {
			if w := &r.Parts[i].Slots[j]; w.Fate == SlotIncluded {
				m.drawAudits(r, w, audits)
			}
		}
	}
	m.emit(AuditsDrawn{Run: m.Run.ID, Round: r.Round.Number, Seed: r.Round.AuditSeed, Withheld: withheld})
}

func (m *machine) drawAudits(r *RoundState, w *SlotWork, audits uint32) {
	d := slotDrawer(r.Round.AuditSeed, w.Index, false)
	for _, segment := range d.segments(m.Run.Spec.Segments(w.Commit.Steps), audits) {
		if auditor, found := d.auditor(r, ""); found {
			w.Audits = append(w.Audits, Audit{Segment: segment, Auditor: auditor})
		}
	}
}

// reassignAudits gives each audit without a verdict to somebody else, once,
// and says whether there was one.
func (m *machine) reassignAudits(r *RoundState) bool {
	again, thorough := false, r.Thorough()
	r.eachAudit(func(w *SlotWork, a *Audit) {
		if a.Verdict != 0 || a.Second {
			return
		}
		if !thorough {
			r.voteOf(a.Auditor).Missed++
		}
		next, found := slotDrawer(r.Round.AuditSeed, w.Index, true).auditor(r, a.Auditor)
		if !found {
			a.Verdict = VerdictMissing
			return
		}
		m.emit(AuditReassigned{Run: m.Run.ID, Round: r.Round.Number, Slot: w.Index, Segment: a.Segment, From: a.Auditor, To: next})
		a.Auditor, a.Second, again = next, true, true
	})
	return again
}

// closeAudits gives up on what is still missing.
func (r *RoundState) closeAudits() {
	thorough := r.Thorough()
	r.eachAudit(func(_ *SlotWork, a *Audit) {
		if a.Verdict != 0 {
			return
		}
		if !thorough {
			r.voteOf(a.Auditor).Missed++
		}
		a.Verdict = VerdictMissing
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
	m.emit(Audited{Run: m.Run.ID, Round: r.Round.Number, Account: account, Trainer: f.Trainer, Slot: f.Slot, Segment: f.Segment, Verdict: a.Verdict})
	if !f.OK && r.openDispute(f.Slot) == nil {
		m.openDispute(r, Dispute{Slot: f.Slot, Trainer: f.Trainer, Accuser: account, Audit: true})
	}
}
