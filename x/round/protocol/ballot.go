package protocol

import (
	"fmt"
	"time"
)

// A ballot is blind: votes are digests that name their account, so nobody can
// repeat one without having computed what it stands for. It may be opened
// when every seat has voted, or when two thirds of the weight have and grace
// has passed since, which leaves the slower third its reward; within grace of
// the deadline two thirds are enough at once. Only votes of
// earlier blocks are opened: whoever sees the opening in the mempool cannot
// vote along with it, and the order within a block decides nothing.

// cast counts a vote that was just recorded.
func (r *Round) cast(seat *Seat, now time.Time) {
	r.Voted += seat.Weight
	if r.QuorumAt.IsZero() && Quorum(r.Voted, r.Weight()) {
		r.QuorumAt = now
	}
}

// resetBallot begins the next ballot of the round.
func (r *Round) resetBallot() {
	r.Voted, r.QuorumAt = 0, time.Time{}
}

// mayOpen refuses an opening that comes too early. votedAt is the time of an
// attester's vote, zero when it has none.
func (r *RoundState) mayOpen(now time.Time, grace time.Duration, votedAt func(*Vote) time.Time) error {
	total, voted := r.Round.Weight(), uint64(0)
	for i := range r.Votes {
		at := votedAt(&r.Votes[i])
		if seat := r.Round.Seat(r.Votes[i].Attester); seat != nil && !at.IsZero() && at.Before(now) {
			voted += seat.Weight
		}
	}
	if !Quorum(voted, total) {
		return fmt.Errorf("%w: votes of %d of %d are in, two thirds are needed", ErrEarly, voted, total)
	}
	opens := r.Round.QuorumAt.Add(grace)
	if last := r.Round.Deadline.Add(-grace); last.Before(opens) {
		opens = last
	}
	if voted < total && now.Before(opens) {
		return fmt.Errorf("%w: votes of %d of %d are in; the others have until %s", ErrEarly, voted, total, stamp(opens))
	}
	return nil
}

// opened lists the votes that an opening matches, and their weight. blind
// returns an attester's vote with its time, and the vote that the opening
// would be.
func (r *RoundState) opened(now time.Time, blind func(*Vote) (cast Digest, at time.Time, want Digest)) ([]*Vote, uint64) {
	var votes []*Vote
	weight := uint64(0)
	for i := range r.Votes {
		vote := &r.Votes[i]
		cast, at, want := blind(vote)
		seat := r.Round.Seat(vote.Attester)
		if seat == nil || cast.IsZero() || !at.Before(now) || cast != want {
			continue
		}
		votes = append(votes, vote)
		weight += seat.Weight
	}
	return votes, weight
}
