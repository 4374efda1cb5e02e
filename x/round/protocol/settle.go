package protocol

import (
	"fmt"
	"slices"
	"time"
)

// settle pays a reviewed round: reward and shares by the split, verified
// tokens over assigned tokens. It is a fixed price per token, so nobody gains
// from another's failure; what is not paid is free in the escrow again. What
// belongs to a trainer whose work is disputed is held until that is decided.
func (m *machine) settle(r *RoundState) error {
	run, head := &m.Run, &r.Round
	if head.Number != 0 {
		model, err := m.world.Model()
		if err != nil {
			return err
		}
		head.Shares = min(run.Spec.SharesPerRound, model.SharesLeft)
		held, err := m.pay(r)
		if err != nil {
			return err
		}
		if err := run.Escrow.Owe(head.Paid); err != nil {
			return err
		}
		if err := run.Escrow.Unreserve(head.Reserved - head.Paid - held); err != nil {
			return err
		}
		head.Reserved = held
	}
	m.countMissedAudits(r)
	if run.Current == 0 {
		run.WaitSince = m.now
	}
	head.Ended = m.now
	if r.disputed("") {
		m.enterUntimed(r, PhaseDispute)
		return nil
	}
	m.unlist(r)
	m.enterUntimed(r, PhaseSettled)
	return nil
}

// enterUntimed puts a round into a phase without a deadline of its own.
func (m *machine) enterUntimed(r *RoundState, phase Phase) {
	r.Round.Phase, r.Round.Deadline = phase, time.Time{}
	m.tell(PhaseChanged{Run: m.Run.ID, Round: r.Round.Number, Phase: phase})
}

func (m *machine) unlist(r *RoundState) {
	m.Run.Unsettled = slices.DeleteFunc(m.Run.Unsettled, func(n uint64) bool { return n == r.Round.Number })
}

// settleAccused settles the trainers of a round in DISPUTE whose disputes are
// decided, and the round when none is left. A dispute may also open a round
// that was SETTLED: then everything was paid, and only the bond is at stake.
func (m *machine) settleAccused(r *RoundState) error {
	if r.Round.Phase == PhaseSettled && slices.Contains(m.Run.Unsettled, r.Round.Number) {
		m.enterUntimed(r, PhaseDispute)
	}
	if r.Round.Phase != PhaseDispute {
		return nil
	}
	for i := range r.Parts {
		part := &r.Parts[i]
		if r.disputed(part.Trainer) {
			continue
		}
		if part.Held {
			if err := m.settleHeld(r, part); err != nil {
				return err
			}
		}
	}
	if r.disputed("") {
		return nil
	}
	for _, account := range r.accused() {
		if m.Run.Trainer(account) == nil && r.part(account).Reason != ReasonFraud && !m.underDispute(account) {
			m.do(ReleaseBond{Run: m.Run.ID, Account: account}) // it had left: its bond was held
		}
	}
	m.unlist(r)
	m.enterUntimed(r, PhaseSettled)
	return nil
}

// underDispute reports whether a dispute over an account's work is open in any
// round.
func (m *machine) underDispute(account Account) bool {
	return slices.ContainsFunc(m.Rounds, func(r RoundState) bool { return r.disputed(account) })
}

// accused lists the trainers that disputes of the round were over.
func (r *RoundState) accused() []Account {
	var list []Account
	for i := range r.Disputes {
		if t := r.Disputes[i].Trainer; !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// settleHeld credits what was held for a part, with what owners get for it, or
// frees it when its trainer was convicted.
func (m *machine) settleHeld(r *RoundState, part *Part) error {
	done, most := r.Round.Verified, r.Round.Verified+r.heldTokens()
	part.Held = false
	convicted := part.Reason == ReasonFraud
	freed := part.Pay
	if convicted {
		freed += m.owned(r, most) - m.owned(r, most-part.Tokens)
	} else {
		freed += m.owned(r, done+part.Tokens) - m.owned(r, done)
	}
	if freed > r.Round.Reserved {
		return fmt.Errorf("escrow: %d wanted, round %d has reserved %d", freed, r.Round.Number, r.Round.Reserved)
	}
	r.Round.Reserved -= freed
	if convicted {
		part.Pay, part.Shares = 0, 0
		return m.Run.Escrow.Unreserve(freed)
	}
	if err := m.Run.Escrow.Owe(freed); err != nil {
		return err
	}
	model, err := m.world.Model()
	if err != nil {
		return err
	}
	part.Shares = min(part.Shares, model.SharesLeft)
	m.givePaidReason(r, part)
	m.credit(r, part.Trainer, RoleTrainer, part.Pay, part.Shares)
	return m.payOwners(r, part.Tokens)
}

// givePaidReason records the reason of a trainer with included work.
func (m *machine) givePaidReason(r *RoundState, part *Part) {
	if part.Reason != 0 {
		return
	}
	part.Reason = ReasonPaid
	if part.Steps < part.Assigned {
		part.Reason = ReasonPaidPartial
	}
	if slices.ContainsFunc(part.Slots, SlotWork.unanswered) {
		part.Reason = ReasonPaidUnaudited
	}
	m.tell(ReasonGiven{Run: m.Run.ID, Round: r.Round.Number, Account: part.Trainer, Reason: part.Reason, Steps: part.Steps,
		Assigned: part.Assigned})
}

// unanswered says whether a segment was to be audited and nobody did.
func (w SlotWork) unanswered() bool {
	return slices.ContainsFunc(w.Audits, func(a Audit) bool {
		return a.Verdict == VerdictMissing && !slices.ContainsFunc(w.Audits,
			func(o Audit) bool { return o.Segment == a.Segment && o.Verdict == VerdictOK })
	})
}

// pay credits everybody's part of the reward and of the shares, and returns
// the uweft that it holds back for disputes. What anybody gets does not depend
// on whether a dispute is decided before or after.
func (m *machine) pay(r *RoundState) (held uint64, err error) {
	reward, minted := m.split(r)
	tokens := make([]uint64, 0, len(r.Parts)+1)
	unverified := r.Round.Result.AssignedTokens
	for i := range r.Parts {
		tokens = append(tokens, r.Parts[i].Tokens)
		unverified -= r.Parts[i].Tokens
	}
	tokens = append(tokens, unverified)
	amounts, units := Allot(reward[0], tokens), Allot(minted[0], tokens)
	verified := uint64(0)
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Reason == ReasonFraud {
			continue
		}
		p.Pay, p.Shares = amounts[i], units[i]
		if p.Reason == 0 && r.disputed(p.Trainer) {
			p.Held = true
			held += p.Pay
			continue
		}
		verified += p.Tokens
		m.givePaidReason(r, p)
		m.credit(r, p.Trainer, RoleTrainer, p.Pay, p.Shares)
	}
	m.payAttesters(r, reward[1], minted[1])
	held += m.owned(r, verified+r.heldTokens()) - m.owned(r, verified)
	return held, m.payOwners(r, verified)
}

// duties is a number that 1, 2 and 3 divide: the parts in which a seat's pay is
// counted.
const duties = 6

// payAttesters pays each seat that voted for the result by its weight, for
// each duty that it had: the vote, its audits, and the evaluation when there is
// one. What the others would have earned stays in the escrow.
func (m *machine) payAttesters(r *RoundState, reward, shares uint64) {
	seats := r.Round.Seats
	weights := make([]uint64, len(seats)+1)
	for i, seat := range seats {
		weights[i] = seat.Weight * r.dutiesDone(seat.Account)
		weights[len(seats)] += seat.Weight*duties - weights[i]
	}
	amounts, units := Allot(reward, weights), Allot(shares, weights)
	for i, seat := range seats {
		if weights[i] == 0 {
			continue
		}
		v := r.vote(seat.Account)
		v.Pay, v.Shares = amounts[i], units[i]
		m.credit(r, seat.Account, RoleAttester, v.Pay, v.Shares)
	}
}

// dutiesDone is how many of the `duties` parts of its pay a seat has earned.
func (r *RoundState) dutiesDone(account Account) uint64 {
	v := r.vote(account)
	if v == nil || !v.Agreed {
		return 0
	}
	had, done := uint64(1), uint64(1)
	if v.Audited+v.Missed > 0 {
		had++
		if v.Missed == 0 {
			done++
		}
	}
	if r.Round.Eval.Reported {
		had++
		if v.Reviewed {
			done++
		}
	}
	return duties / had * done
}

// countMissedAudits counts who missed an audit.
func (m *machine) countMissedAudits(r *RoundState) {
	for i := range r.Votes {
		v := &r.Votes[i]
		if a := m.Run.Attester(v.Attester); v.Missed > 0 {
			m.countMissedDuty(v.Attester)
		} else if a != nil && v.Audited > 0 {
			a.Missed = 0
		}
	}
}

func (m *machine) credit(r *RoundState, account Account, role Role, amount, shares uint64) {
	if amount == 0 && shares == 0 {
		return
	}
	r.Round.Paid += amount
	r.Round.Minted += shares
	m.do(Pay{Run: m.Run.ID, Round: r.Round.Number, Account: account, Role: role, Amount: amount, Shares: shares})
}
