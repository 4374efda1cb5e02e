package protocol

import (
	"slices"
	"time"
)

// settle pays a reviewed round: reward and shares by the split, verified
// tokens over assigned tokens. It is a fixed price per token, so nobody gains
// from another's failure; what is not paid is free in the escrow again.
func (m *machine) settle(r *RoundState) error {
	run, head := &m.Run, &r.Round
	if head.Number != 0 {
		model, err := m.world.Model()
		if err != nil {
			return err
		}
		m.judgePaid(r)
		m.pay(r, model.Owner, min(run.Spec.SharesPerRound, model.SharesLeft))
		run.Escrow.Reserved -= head.Reserved
		run.Escrow.Free += head.Reserved - head.Paid
		run.Escrow.Owed += head.Paid
	}
	run.Unsettled = slices.DeleteFunc(run.Unsettled, func(n uint64) bool { return n == head.Number })
	if run.Current == 0 {
		run.WaitSince = m.now
	}
	head.Phase, head.Deadline, head.Ended = PhaseSettled, time.Time{}, m.now
	m.emit(PhaseChanged{Run: run.ID, Round: head.Number, Phase: PhaseSettled})
	return nil
}

// judgePaid records the reason of the trainers with included work.
func (m *machine) judgePaid(r *RoundState) {
	for i := range r.Parts {
		part := &r.Parts[i]
		if part.Reason != 0 {
			continue
		}
		part.Reason = ReasonPaidPartial
		if part.Steps == part.Assigned {
			part.Reason = ReasonPaid
		}
		m.emit(Judged{Run: m.Run.ID, Round: r.Round.Number, Account: part.Trainer, Reason: part.Reason, Steps: part.Steps, Assigned: part.Assigned})
	}
}

// pay credits everybody's part of the reward and of the shares.
func (m *machine) pay(r *RoundState, owner Account, shares uint64) {
	split := m.Run.Spec.Split
	parts := []uint64{uint64(split.Trainers), uint64(split.Attesters), uint64(split.Owner), uint64(split.Data)}
	reward := Allot(r.Round.Reserved, parts)
	minted := Allot(shares, parts)

	verified := r.Round.Result.Tokens()
	unverified := r.Round.Result.AssignedTokens - verified
	tokens := make([]uint64, 0, len(r.Parts)+1)
	for i := range r.Parts {
		tokens = append(tokens, r.Parts[i].Tokens)
	}
	tokens = append(tokens, unverified)
	amounts, units := Allot(reward[0], tokens), Allot(minted[0], tokens)
	for i := range r.Parts {
		p := &r.Parts[i]
		p.Pay, p.Shares = amounts[i], units[i]
		m.credit(r, p.Trainer, RoleTrainer, p.Pay, p.Shares)
	}
	m.payAttesters(r, reward[1], minted[1])
	done := []uint64{verified, unverified}
	m.credit(r, owner, RoleOwner, Allot(reward[2], done)[0], Allot(minted[2], done)[0])
	m.credit(r, m.Run.Spec.DataOwner, RoleData, Allot(reward[3], done)[0], Allot(minted[3], done)[0])
}

// payAttesters pays each seat that voted for the result by its weight; what
// the absent ones would have earned stays in the escrow.
func (m *machine) payAttesters(r *RoundState, reward, shares uint64) {
	seats := r.Round.Seats
	weights := make([]uint64, len(seats)+1)
	for i, seat := range seats {
		if v := r.vote(seat.Account); v != nil && v.Agreed {
			weights[i] = seat.Weight
		} else {
			weights[len(seats)] += seat.Weight
		}
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

func (m *machine) credit(r *RoundState, account Account, role Role, amount, shares uint64) {
	if amount == 0 && shares == 0 {
		return
	}
	r.Round.Paid += amount
	r.Round.Minted += shares
	m.emit(Pay{Run: m.Run.ID, Round: r.Round.Number, Account: account, Role: role, Amount: amount, Shares: shares})
}
