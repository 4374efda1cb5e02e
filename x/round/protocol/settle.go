package protocol

import (
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
		held := m.pay(r, model.Owner, min(run.Spec.SharesPerRound, model.SharesLeft))
		run.Escrow.Reserved -= head.Reserved - held
		run.Escrow.Free += head.Reserved - held - head.Paid
		run.Escrow.Owed += head.Paid
		head.Reserved = held
	}
	m.judgeAttesters(r)
	if run.Current == 0 {
		run.WaitSince = m.now
	}
	head.Ended = m.now
	if r.disputed("") {
		m.leave(r, PhaseDispute)
		return nil
	}
	m.unlist(r)
	m.leave(r, PhaseSettled)
	return nil
}

// leave puts a round into a phase without a deadline of its own.
func (m *machine) leave(r *RoundState, phase Phase) {
	r.Round.Phase, r.Round.Deadline = phase, time.Time{}
	m.emit(PhaseChanged{Run: m.Run.ID, Round: r.Round.Number, Phase: phase})
}

func (m *machine) unlist(r *RoundState) {
	m.Run.Unsettled = slices.DeleteFunc(m.Run.Unsettled, func(n uint64) bool { return n == r.Round.Number })
}

// settleAccused settles the trainers of a round in DISPUTE whose disputes are
// decided, and the round when none is left. A dispute may also open a round
// that was SETTLED: then everything was paid, and only the bond is at stake.
func (m *machine) settleAccused(r *RoundState) error {
	if r.Round.Phase == PhaseSettled && slices.Contains(m.Run.Unsettled, r.Round.Number) {
		m.leave(r, PhaseDispute)
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
			if err := m.unhold(r, part); err != nil {
				return err
			}
		}
	}
	if r.disputed("") {
		return nil
	}
	for _, account := range r.accused() {
		if m.Run.Trainer(account) == nil && r.part(account).Reason != ReasonFraud && !m.underDispute(account) {
			m.emit(ReleaseBond{Run: m.Run.ID, Account: account}) // it had left: its bond was held
		}
	}
	m.unlist(r)
	m.leave(r, PhaseSettled)
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

// unhold credits what was held for a part, or frees it when its trainer was
// convicted.
func (m *machine) unhold(r *RoundState, part *Part) error {
	part.Held = false
	escrow := &m.Run.Escrow
	escrow.Reserved -= part.Pay
	r.Round.Reserved -= part.Pay
	if part.Reason == ReasonFraud {
		escrow.Free += part.Pay
		part.Pay, part.Shares = 0, 0
		return nil
	}
	model, err := m.world.Model()
	if err != nil {
		return err
	}
	part.Shares = min(part.Shares, model.SharesLeft)
	escrow.Owed += part.Pay
	m.judgePaid(r, part)
	m.credit(r, part.Trainer, RoleTrainer, part.Pay, part.Shares)
	return nil
}

// judgePaid records the reason of a trainer with included work.
func (m *machine) judgePaid(r *RoundState, part *Part) {
	if part.Reason != 0 {
		return
	}
	part.Reason = ReasonPaid
	if part.Steps < part.Assigned {
		part.Reason = ReasonPaidPartial
	}
	part.eachAudit(func(a *Audit) {
		if a.Verdict == VerdictMissing {
			part.Reason = ReasonPaidUnaudited
		}
	})
	m.emit(Judged{Run: m.Run.ID, Round: r.Round.Number, Account: part.Trainer, Reason: part.Reason, Steps: part.Steps, Assigned: part.Assigned})
}

func (p *Part) eachAudit(f func(*Audit)) {
	for i := range p.Slots {
		for j := range p.Slots[i].Audits {
			f(&p.Slots[i].Audits[j])
		}
	}
}

// pay credits everybody's part of the reward and of the shares, and returns
// the uweft that it holds back for disputes.
func (m *machine) pay(r *RoundState, owner Account, shares uint64) (held uint64) {
	spec := &m.Run.Spec
	parts := []uint64{uint64(spec.Split.Trainers), uint64(spec.Split.Attesters), uint64(spec.Split.Owner), uint64(spec.Split.Data)}
	reward := Allot(r.Round.Reserved, parts)
	minted := Allot(shares, parts)

	verified, tokens := uint64(0), make([]uint64, 0, len(r.Parts)+1)
	for i := range r.Parts {
		n := r.Parts[i].Tokens
		if r.Parts[i].Reason == ReasonFraud {
			n = 0
		}
		tokens, verified = append(tokens, n), verified+n
	}
	unverified := r.Round.Result.AssignedTokens - verified
	tokens = append(tokens, unverified)
	amounts, units := Allot(reward[0], tokens), Allot(minted[0], tokens)
	for i := range r.Parts {
		p := &r.Parts[i]
		p.Pay, p.Shares = amounts[i], units[i]
		if p.Reason == 0 && r.disputed(p.Trainer) {
			p.Held = true
			held += p.Pay
			continue
		}
		m.judgePaid(r, p)
		m.credit(r, p.Trainer, RoleTrainer, p.Pay, p.Shares)
	}
	m.payAttesters(r, reward[1], minted[1])
	// The owner earns nothing of what the community pool gave.
	own := []uint64{spec.Budget - spec.Community, spec.Community}
	done := []uint64{verified, unverified}
	m.credit(r, owner, RoleOwner, Allot(spec.own(reward[2], own), done)[0], Allot(spec.own(minted[2], own), done)[0])
	m.credit(r, spec.DataOwner, RoleData, Allot(reward[3], done)[0], Allot(minted[3], done)[0])
	return held
}

// own is the owner's part of an amount; all of it in a run without a budget,
// which can only mint shares.
func (s *RunSpec) own(amount uint64, parts []uint64) uint64 {
	if s.Budget == 0 {
		return amount
	}
	return Allot(amount, parts)[0]
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

// judgeAttesters counts who missed an audit.
func (m *machine) judgeAttesters(r *RoundState) {
	for i := range r.Votes {
		v := &r.Votes[i]
		if a := m.Run.Attester(v.Attester); v.Missed > 0 {
			m.missed(v.Attester)
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
	m.emit(Pay{Run: m.Run.ID, Round: r.Round.Number, Account: account, Role: role, Amount: amount, Shares: shares})
}
