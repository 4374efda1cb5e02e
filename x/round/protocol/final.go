package protocol

import "time"

// final makes the revealed checkpoint the head. The next round may start from
// it at once; this one goes on to REVIEW.
func (m *machine) final(r *RoundState) {
	run, head := &m.Run, &r.Round
	m.do(NewCheckpoint{Checkpoint: Checkpoint{
		Digest: head.Result.Checkpoint, Model: run.Spec.Model, Parent: head.Parent,
		Run: run.ID, Round: head.Number, ContributionsRoot: head.Root, Size: head.Result.Size,
	}})
	deal := head.Assignment(&run.Spec)
	run.Head, run.Cursor, run.Current = head.Result.Checkpoint, deal.End(), 0
	run.Finals++
	run.WaitSince = m.now
	run.Skipped += deal.Records() - m.verify(r)*uint64(run.Spec.Batch)
	for _, seat := range head.Seats {
		if v := r.vote(seat.Account); v == nil || !v.Agreed {
			m.countAbsence(seat.Account)
		} else if a := run.Attester(seat.Account); a != nil {
			a.Absent = 0
		}
	}
	run.Unsettled = append(run.Unsettled, head.Number)
	head.resetBallot()
	m.assignAudits(r)
	head.EvalDue = run.Spec.EvalDue(head.Number) || (run.Spec.EvalEvery > 0 && run.Finals == run.Spec.Rounds)
	m.enter(r, PhaseReview, run.Spec.ReviewTime)
}

// verify writes the verified steps and tokens into the parts, and returns the
// steps of all of them.
func (m *machine) verify(r *RoundState) uint64 {
	steps := uint64(0)
	for _, c := range r.Round.Result.Contributions {
		part := r.part(c.Trainer)
		part.Steps += uint64(c.Steps)
		part.Tokens += c.Tokens
		steps += uint64(c.Steps)
		if t := m.Run.Trainer(c.Trainer); t != nil {
			t.Misses = 0
		}
	}
	return steps
}

// reviews settles the rounds whose review is complete or over, oldest first.
func (m *machine) reviews() error {
	for i := range m.Rounds {
		r := &m.Rounds[i]
		if r.Round.Phase != PhaseReview {
			continue
		}
		waits := r.Round.EvalDue && !r.Round.Eval.Reported
		if (waits || !r.audited()) && !m.due(r) {
			continue
		}
		if !r.audited() && !r.Round.Second {
			r.Round.Second = true
			if m.reassignAudits(r) {
				m.enter(r, PhaseReview, m.Run.Spec.ReviewTime)
				continue
			}
		}
		if waits {
			m.tell(EvalMissing{Run: m.Run.ID, Round: r.Round.Number})
		}
		r.closeAudits()
		if err := m.settle(r); err != nil {
			return err
		}
	}
	return nil
}

// void ends a round without a checkpoint: the reward is free again, the data
// is dealt again, and every trainer gets its reason.
func (m *machine) void(r *RoundState, why Reason) error {
	run := &m.Run
	if why == ReasonVoidNoWitness {
		for _, seat := range r.Round.Seats {
			if v := r.vote(seat.Account); v == nil || !v.Witnessed {
				m.countAbsence(seat.Account)
			}
		}
	}
	m.giveUnpaidReasons(r, why)
	if err := run.Escrow.Unreserve(r.Round.Reserved); err != nil {
		return err
	}
	run.Current, run.WaitSince = 0, m.now
	r.Round.Phase, r.Round.Void, r.Round.Deadline, r.Round.Ended = PhaseVoid, why, time.Time{}, m.now
	m.tell(PhaseChanged{Run: run.ID, Round: r.Round.Number, Phase: PhaseVoid, Void: why})
	return nil
}

// giveUnpaidReasons records the reason of each selected trainer that has none and
// no included slot. void is the round's, 0 when it goes on.
func (m *machine) giveUnpaidReasons(r *RoundState, void Reason) {
	present := m.witnessesPresent(r)
	for i := range r.Parts {
		part := &r.Parts[i]
		if !part.Selected() || part.Reason != 0 {
			continue
		}
		reason := unpaidReason(part, void, present)
		if reason == 0 {
			continue
		}
		part.Reason = reason
		m.tell(ReasonGiven{Run: m.Run.ID, Round: r.Round.Number, Account: part.Trainer, Reason: reason, Assigned: part.Assigned})
		if reason.Miss() {
			m.countMissedRound(part.Trainer)
		}
	}
}

// unpaidReason is 0 when the part has an included slot in a round that goes
// on. In a round that is void for want of witnesses a body that did not come
// is the trainer's fault only if two thirds of the attesters were there.
func unpaidReason(part *Part, void Reason, present bool) Reason {
	if void == ReasonVoidNoTrainers {
		return void
	}
	var seen [SlotFraud + 1]bool
	for i := range part.Slots {
		seen[part.Slots[i].Fate] = true
	}
	switch {
	case seen[SlotIncluded]:
		return void
	case seen[SlotMalformed]:
		return ReasonMalformed
	case seen[SlotUnavailable] && void == ReasonVoidNoWitness && !present:
		return void
	case seen[SlotUnavailable]:
		return ReasonUnavailable
	default:
		return ReasonLate
	}
}

// witnessesPresent says whether attesters of two thirds of the weight sent
// any MsgWitness.
func (m *machine) witnessesPresent(r *RoundState) bool {
	weight := uint64(0)
	for i := range r.Votes {
		if seat := r.Round.Seat(r.Votes[i].Attester); seat != nil && r.Votes[i].Witnessed {
			weight += seat.Weight
		}
	}
	return Quorum(weight, r.Round.Weight())
}
