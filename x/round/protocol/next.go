package protocol

import "time"

// startNext starts the next round when everything it needs is there, and ends
// the run when it cannot or must not go on.
func (m *machine) startNext() error {
	if m.Run.Status == StatusOpen || m.Run.Status == StatusPaused {
		if why := m.over(); why != 0 {
			m.setStatus(StatusEnding, why)
		}
	}
	if m.Run.Status != StatusOpen || m.Run.Current != 0 {
		return nil
	}
	if m.Run.Escrow.Free < m.Run.Spec.RewardPerRound || m.unsettled() >= int(m.Run.Spec.MaxUnsettled) {
		return nil
	}
	able, barred, err := m.candidates()
	if err != nil {
		return err
	}
	floor, err := m.floor()
	if err != nil || len(able) < int(floor.Trainers) {
		return err
	}
	seats, err := m.seats()
	if err != nil || !floor.attested(seats) {
		return err
	}
	return m.start(able, barred, seats)
}

// floor is what a round of this run needs: what its spec says, and with money of
// the community at least what the chain says.
func (m *machine) floor() (Floor, error) {
	f := Floor{Trainers: m.Run.Spec.MinTrainers, Attesters: m.Run.Spec.MinAttesters}
	if m.Run.Spec.Community == 0 {
		return f, nil
	}
	terms, err := m.world.Terms()
	f.Trainers, f.Attesters, f.Stake = max(f.Trainers, terms.Floor.Trainers), max(f.Attesters, terms.Floor.Attesters), terms.Floor.Stake
	return f, err
}

// attested says whether there are enough attesters with enough stake.
func (f Floor) attested(seats []Seat) bool {
	r := Round{Seats: seats}
	return len(seats) >= int(f.Attesters) && r.Weight() >= f.Stake
}

// over says why no further round may start, or 0.
func (m *machine) over() EndReason {
	run := &m.Run
	switch {
	case after(run.EndTime(), m.now):
		return EndTime
	case run.Current != 0:
		return 0
	case run.Finals >= run.Spec.Rounds && run.Spec.MaxLength == 0:
		return EndRounds
	case run.Escrow.Free < run.Spec.RewardPerRound && m.unsettled() == 0:
		// Until then, what a round in REVIEW does not pay may buy another one.
		return EndEscrow
	case run.Status == StatusOpen && !m.now.Before(run.WaitSince.Add(run.Spec.MaxWait)):
		return EndMaxWait
	default:
		return 0
	}
}

// after says whether a time that is set has come.
func after(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }

// unsettled is the number of trained rounds in REVIEW. Round 0, the evaluation
// of the checkpoint the run starts from, takes no place, and neither does a
// round in which only the accused wait.
func (m *machine) unsettled() int {
	n := 0
	for i := range m.Rounds {
		if r := &m.Rounds[i].Round; r.Number != 0 && r.Phase == PhaseReview {
			n++
		}
	}
	return n
}

// start begins TRAIN and fixes trainers and slots, attester weights, cursor
// and seed, and reserves the reward.
func (m *machine) start(able []*Trainer, barred map[Account]Reason, seats []Seat) error {
	run := &m.Run
	if err := run.Escrow.Reserve(run.Spec.RewardPerRound); err != nil {
		return err
	}
	if run.Next == 1 && run.Spec.EvalEvery > 0 {
		m.startBaseline(seats)
	}
	number := run.Next
	run.Next++
	run.Current = number
	seed := Seed(run.ID, number, run.Head)
	m.Rounds = append(m.Rounds, RoundState{Round: Round{
		Run: run.ID, Number: number, Started: m.now,
		Parent: run.Head, Seed: seed, Cursor: run.Cursor, Seats: seats,
		Reserved: run.Spec.RewardPerRound,
	}})
	r := &m.Rounds[len(m.Rounds)-1]
	r.Round.Slots = m.deal(r, choose(able, barred, run.Spec.MaxTrainers, seed), barred)
	m.enter(r, PhaseTrain, run.Spec.TrainTime)
	return nil
}

// startBaseline opens round 0: attesters evaluate the checkpoint the run
// starts from while the first round trains, so that what the run did to the
// model can be read from the chain.
func (m *machine) startBaseline(seats []Seat) {
	run := &m.Run
	m.Rounds = append(m.Rounds, RoundState{Round: Round{
		Run: run.ID, Number: 0, Started: m.now,
		Parent: run.Start, Seed: Seed(run.ID, 0, run.Start), Seats: seats,
		Result: Outcome{Checkpoint: run.Start}, EvalDue: true,
	}})
	run.Unsettled = append(run.Unsettled, 0)
	m.enter(&m.Rounds[len(m.Rounds)-1], PhaseReview, run.Spec.ReviewTime)
}

// finish gives back the bonds of those who left and, when a run that is ending
// has no live round, ends it: bonds and what is left of the escrow go back.
func (m *machine) finish() error {
	run := &m.Run
	ends := run.Status == StatusEnding && run.Current == 0 && len(run.Unsettled) == 0
	if ends {
		run.Status = StatusEnded
		for i := range run.Trainers {
			run.Trainers[i].Leaving = true
		}
		for i := range run.Attesters {
			run.Attesters[i].Leaving, run.Attesters[i].Ready = true, false
		}
	}
	m.releaseLeavers()
	if !ends {
		return nil
	}
	if left := run.Escrow.Free; left > 0 {
		if err := run.Escrow.Refund(left); err != nil {
			return err
		}
		// Back to where it came from, in proportion.
		parts := Allot(left, []uint64{run.Spec.Budget - run.Spec.Community, run.Spec.Community})
		m.do(Refund{Run: run.ID, Treasury: parts[0], Community: parts[1]})
	}
	m.do(Closed{Run: run.ID, Model: run.Spec.Model, End: run.End})
	return nil
}
