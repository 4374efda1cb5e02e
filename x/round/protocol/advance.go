package protocol

import "time"

// WaitPoll is how often a waiting run looks at what changes without a
// message: weights of validators and the ends of jail terms.
const WaitPoll = 10 * time.Second

// Advance does what is due at block time now: it closes phases whose work is
// in or whose deadline has come, settles, starts the next round and ends the
// run. It is called at the end of a block for each run that was touched or is
// due.
func (s *State) Advance(now time.Time, world World) ([]Step, error) {
	m := &machine{State: s, now: now, world: world}
	for _, step := range []func() error{
		m.disputes,
		m.reviews, // settle what is due, which frees places for new rounds
		m.current,
		m.reviews, // a round that just became FINAL may have nothing to review
		m.startNext,
		m.finish,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.out, nil
}

// current moves the round under way.
func (m *machine) current() error {
	r := m.Find(m.Run.Current)
	if m.Run.Current == 0 || r == nil {
		return nil
	}
	switch r.Round.Phase {
	case PhaseTrain:
		return m.train(r)
	case PhasePublish:
		return m.publish(r)
	case PhaseAttest:
		return m.attest(r)
	case PhaseWaiting:
		return m.retry(r)
	default:
		return nil
	}
}

// waitingRound is the round under way when it waits for attesters.
func (m *machine) waitingRound() *RoundState {
	if m.Run.Current == 0 {
		return nil
	}
	if r := m.Find(m.Run.Current); r != nil && r.Round.Phase == PhaseWaiting {
		return r
	}
	return nil
}

func (m *machine) due(r *RoundState) bool { return !m.now.Before(r.Round.Deadline) }

// enter puts a round into a phase that ends after the given time.
func (m *machine) enter(r *RoundState, phase Phase, length time.Duration) {
	r.Round.Phase, r.Round.Deadline = phase, m.now.Add(length)
	m.tell(PhaseChanged{Run: m.Run.ID, Round: r.Round.Number, Phase: phase, Deadline: r.Round.Deadline})
}

// Wake is when Advance must be called next if no event comes before; the zero
// time means never.
func (s *State) Wake(now time.Time) time.Time {
	var wake time.Time
	sooner := func(t time.Time) {
		if wake.IsZero() || t.Before(wake) {
			wake = t
		}
	}
	waits := false
	for i := range s.Rounds {
		switch r := &s.Rounds[i].Round; {
		case r.Phase == PhaseWaiting:
			waits = true
		case r.Phase.Live() && !r.Deadline.IsZero():
			sooner(r.Deadline)
		}
		for _, d := range s.Rounds[i].Disputes {
			if d.Outcome == 0 {
				sooner(d.Deadline)
			}
		}
	}
	if s.Run.Status == StatusEnded {
		return wake
	}
	if waits || (s.Run.Status == StatusOpen && s.Run.Current == 0) {
		sooner(s.Run.WaitSince.Add(s.Run.Spec.MaxWait))
		sooner(now.Add(WaitPoll))
	}
	for i := range s.Run.Trainers {
		if t := &s.Run.Trainers[i]; t.Leaving && t.Inactive && now.Before(t.InactiveUntil) {
			sooner(t.InactiveUntil)
		}
	}
	if end := s.Run.EndTime(); !end.IsZero() && s.Run.Status != StatusEnding && now.Before(end) {
		sooner(end)
	}
	return wake
}
