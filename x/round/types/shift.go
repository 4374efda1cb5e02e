package types

import "time"

// Shift moves every time in the state by d. A chain that is exported and
// started again later has lost that time, and nobody's deadline: what counts is
// the time that was left.
func (gs *GenesisState) Shift(d time.Duration) {
	if d == 0 {
		return
	}
	for i := range gs.Runs {
		gs.Runs[i].shift(d)
	}
	for i := range gs.Rounds {
		r := &gs.Rounds[i]
		shift(d, &r.Started, &r.Deadline, &r.QuorumAt, &r.Ended)
	}
	for i := range gs.Votes {
		shift(d, &gs.Votes[i].BlindAt, &gs.Votes[i].ReviewAt)
	}
	for i := range gs.Disputes {
		x := &gs.Disputes[i]
		shift(d, &x.Opened, &x.Deadline, &x.QuorumAt)
		for j := range x.Votes {
			shift(d, &x.Votes[j].At)
		}
	}
}

func (r *Run) shift(d time.Duration) {
	shift(d, &r.Opened, &r.WaitSince, &r.Wake)
	for i := range r.Trainers {
		shift(d, &r.Trainers[i].InactiveUntil)
	}
}

// shift leaves times that are not set alone.
func shift(d time.Duration, times ...*time.Time) {
	for _, t := range times {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}
