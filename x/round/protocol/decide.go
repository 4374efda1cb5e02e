package protocol

import (
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// suspectFloor and suspectPart: when at least so many trainers of a round and
// at least this part of its audited ones are convicted, it is likelier that
// processors disagree than that everybody cheats.
const (
	suspectFloor = 3
	suspectPart  = 4 // a quarter
)

// disputes decides what is ruled, gives up on what is over, and settles the
// accused of rounds that were settled for everybody else.
func (m *machine) disputes() error {
	for i := range m.Rounds {
		r := &m.Rounds[i]
		for j := range r.Disputes {
			d := &r.Disputes[j]
			switch {
			case d.Outcome != 0:
			case d.Ruled:
				if err := m.decide(r, d); err != nil {
					return err
				}
			case !m.now.Before(d.Deadline):
				m.lapse(r, d)
			}
		}
	}
	for i := range m.Rounds {
		if err := m.settleAccused(&m.Rounds[i]); err != nil {
			return err
		}
	}
	return nil
}

// decide carries out a ruling.
func (m *machine) decide(r *RoundState, d *Dispute) error {
	terms, err := m.world.Terms()
	if err != nil {
		return err
	}
	w := r.part(d.Trainer).Slot(d.Slot)
	fraud := d.Ruling.Segment < m.Run.Spec.Segments(w.Commit.Steps)
	d.Outcome, w.Cleared = DisputeRefuted, !fraud
	if fraud {
		d.Outcome = DisputeFraud
		w.Fate = SlotFraud
	}
	exposed := m.scoreAudits(w, d, fraud, terms.Fine)
	m.tell(DisputeDecided{Run: m.Run.ID, Round: r.Round.Number, Slot: d.Slot, Trainer: d.Trainer, Outcome: d.Outcome,
		Segment: d.Ruling.Segment, Evidence: d.Ruling.Digest()})
	m.payDeposit(r, d, fraud || exposed)
	for _, v := range d.Votes {
		if a := m.Run.Attester(v.Attester); a != nil && v.Blind == RulingBlind(v.Attester, d.Run, d.Round, d.Slot, d.Ruling) {
			a.Missed = 0
		}
	}
	m.countAbsentJudges(r, d)
	if fraud {
		m.convict(r, d, terms.EvidenceWindow)
	}
	return nil
}

// lapse ends a dispute that two thirds did not decide: nobody pays for it. A BAD
// verdict that came while somebody else's dispute was open gets its own now.
func (m *machine) lapse(r *RoundState, d *Dispute) {
	d.Outcome = DisputeLapsed
	m.tell(DisputeDecided{Run: m.Run.ID, Round: r.Round.Number, Slot: d.Slot, Trainer: d.Trainer, Outcome: d.Outcome})
	m.payDeposit(r, d, true)
	m.countAbsentJudges(r, d)
	if d.Audit {
		return
	}
	for _, a := range r.part(d.Trainer).Slot(d.Slot).Audits {
		if a.Verdict == VerdictBad {
			m.beginDispute(r, Dispute{Slot: d.Slot, Trainer: d.Trainer, Accuser: a.Auditor, Audit: true})
			return
		}
	}
}

// countAbsentJudges counts those who should have recomputed and did not say so.
func (m *machine) countAbsentJudges(r *RoundState, d *Dispute) {
	for _, seat := range r.Round.Seats {
		if _, voted := findJudgement(d.Votes, seat.Account); !voted {
			m.countMissedDuty(seat.Account)
		}
	}
}

// scoreAudits compares what the slot's auditors said with what is true, fines
// those whose verdict was wrong or no work, and says whether an OK was exposed.
func (m *machine) scoreAudits(w *SlotWork, d *Dispute, fraud bool, fine uint32) (exposed bool) {
	snapshots := d.Ruling.Snapshots
	for i := range w.Audits {
		a := &w.Audits[i]
		var snapshot digest.Digest
		before := a.Segment < d.Ruling.Segment
		if before {
			snapshot, snapshots = snapshots[0], snapshots[1:]
		}
		switch a.Verdict {
		case 0:
			a.Verdict = VerdictMoot
		case VerdictOK:
			// Beyond the first difference an OK says nothing: the segment may
			// well follow from the snapshot before it.
			lied := fraud && a.Segment == d.Ruling.Segment
			if lied || before && a.Work != Work(a.Auditor, snapshot) {
				exposed = true
				m.fine(a.Auditor, m.beneficiary(a.Auditor, d), fine)
			}
		case VerdictBad:
			if !fraud {
				m.fine(a.Auditor, d.Trainer, fine)
			}
		}
	}
	return exposed
}

// beneficiary of an exposed auditor's fine: who made it known, or, when that
// is the auditor itself, the trainer.
func (m *machine) beneficiary(auditor Account, d *Dispute) Account {
	if d.Accuser != auditor {
		return d.Accuser
	}
	return d.Trainer
}

// fine takes a part of an attester's bond, in basis points of what a bond has
// to be. Below that it is not ready any more, and its next MsgReady fills it up.
func (m *machine) fine(account, to Account, points uint32) {
	amount := Allot(m.Run.Spec.BondPerSlot, []uint64{uint64(points), BasisPoints - uint64(points)})[0]
	if a := m.Run.Attester(account); a != nil {
		amount = min(amount, a.Bonded)
		a.Bonded -= amount
		if a.Ready && a.Bonded < m.Run.Spec.BondPerSlot {
			m.unready(a)
		}
	}
	if amount > 0 {
		m.do(Fine{Run: m.Run.ID, Account: account, To: to, Amount: amount})
	}
}

// payDeposit gives a deposit back, or, when the accusation was refuted, half
// to the accused and half to the attesters who recomputed for nothing, by
// weight: accusing oneself through a friend is not free.
func (m *machine) payDeposit(r *RoundState, d *Dispute, back bool) {
	if d.Deposit == 0 {
		return
	}
	pay := func(to Account, amount uint64) {
		if amount > 0 {
			m.do(PayDeposit{Run: m.Run.ID, Round: r.Round.Number, Account: to, Amount: amount})
		}
	}
	if back {
		pay(d.Accuser, d.Deposit)
		return
	}
	halves := Allot(d.Deposit, []uint64{1, 1})
	pay(d.Trainer, halves[0])
	var judges []Account
	var weights []uint64
	for _, v := range d.Votes {
		if seat := r.Round.Seat(v.Attester); seat != nil && v.Blind == RulingBlind(v.Attester, d.Run, d.Round, d.Slot, d.Ruling) {
			judges, weights = append(judges, v.Attester), append(weights, seat.Weight)
		}
	}
	for i, amount := range Allot(halves[1], weights) {
		pay(judges[i], amount)
	}
}

// convict carries out FRAUD: the bond in this run is slashed, what the account
// has not been paid is forfeited, it leaves every round that is not folded
// yet, and the checkpoint is tainted.
func (m *machine) convict(r *RoundState, d *Dispute, window time.Duration) {
	run := &m.Run
	m.do(Slash{Run: run.ID, Round: r.Round.Number, Account: d.Trainer, Finder: d.Accuser, Evidence: d.Ruling.Digest(),
		Until: m.now.Add(window)})
	m.do(Taint{Run: run.ID, Round: r.Round.Number, Account: d.Trainer, Checkpoint: r.Round.Result.Checkpoint})
	run.Trainers = slices.DeleteFunc(run.Trainers, func(t Trainer) bool { return t.Account == d.Trainer })
	r.Round.Convicted++
	for i := range m.Rounds {
		m.forfeit(&m.Rounds[i], d, m.Rounds[i].Round.Number == r.Round.Number)
	}
	m.suspect(r)
}

// forfeit takes an account out of a round that is not settled, and marks its
// part of the round it was convicted in even when that is.
func (m *machine) forfeit(r *RoundState, ruled *Dispute, here bool) {
	account := ruled.Trainer
	part := r.part(account)
	if part == nil || !part.Selected() || !here && !r.Round.Phase.Live() {
		return
	}
	if part.Reason == 0 || here {
		part.Reason = ReasonFraud
		m.tell(ReasonGiven{Run: m.Run.ID, Round: r.Round.Number, Account: account, Reason: ReasonFraud, Assigned: part.Assigned,
			Evidence: ruled.Ruling.Digest()})
	}
	for i := range part.Slots {
		w := &part.Slots[i]
		if w.Fate == 0 {
			w.Fate = SlotFraud // not included yet, and never will be
		}
		for j := range w.Audits {
			if w.Audits[j].Verdict == 0 {
				w.Audits[j].Verdict = VerdictMoot
			}
		}
	}
	for i := range r.Disputes {
		if d := &r.Disputes[i]; d.Trainer == account && d.Outcome == 0 {
			d.Outcome = DisputeMoot
			m.payDeposit(r, d, true)
		}
	}
}

// suspect stops new rounds and suspends the slashes of a round in which so many
// are convicted that the numerics themselves are in doubt. Governance decides:
// Resume lets the slashes go on, MsgPardon takes them back.
func (m *machine) suspect(r *RoundState) {
	audited := uint32(0)
	for i := range r.Parts {
		if slices.ContainsFunc(r.Parts[i].Slots, func(w SlotWork) bool { return len(w.Audits) > 0 || w.Fate == SlotFraud }) {
			audited++
		}
	}
	if r.Round.Convicted < suspectFloor || suspectPart*r.Round.Convicted < audited {
		return
	}
	m.do(NumericsSuspect{Run: m.Run.ID, Round: r.Round.Number, Convicted: r.Round.Convicted, Audited: audited})
	m.Run.Suspect = true
	if m.Run.Status == StatusOpen {
		m.setStatus(StatusPaused, 0)
	}
}
