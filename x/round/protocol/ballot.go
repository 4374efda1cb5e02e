package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// A ballot is blind: votes are digests that name their account, so nobody can
// repeat one without having computed what it stands for. It may be opened
// when every seat has voted, or when two thirds of the weight have and grace
// has passed since, which leaves the slower third its reward; within grace of
// the deadline two thirds are enough at once. Only votes of
// earlier blocks are opened: whoever sees the opening in the mempool cannot
// vote along with it, and the order within a block decides nothing.
type ballot struct {
	votes    []castVote
	total    uint64    // weight of all seats
	quorumAt time.Time // when two thirds had voted
	deadline time.Time
}

// castVote is one seat's blind vote.
type castVote struct {
	account Account
	weight  uint64
	blind   digest.Digest
	at      time.Time
}

// ballot collects the round's votes. blind is an attester's vote with its time.
func (r *RoundState) ballot(blind func(*Vote) (digest.Digest, time.Time)) *ballot {
	b := &ballot{total: r.Round.Weight(), quorumAt: r.Round.QuorumAt, deadline: r.Round.Deadline}
	for i := range r.Votes {
		v := &r.Votes[i]
		cast, at := blind(v)
		if seat := r.Round.Seat(v.Attester); seat != nil && !cast.IsZero() {
			b.votes = append(b.votes, castVote{v.Attester, seat.Weight, cast, at})
		}
	}
	return b
}

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

// mayOpen refuses an opening that comes too early.
func (b *ballot) mayOpen(now time.Time, grace time.Duration) error {
	voted := uint64(0)
	for _, v := range b.votes {
		if v.at.Before(now) {
			voted += v.weight
		}
	}
	if !Quorum(voted, b.total) {
		return fmt.Errorf("%w: votes of %d of %d are in, two thirds are needed", ErrEarly, voted, b.total)
	}
	opens := b.quorumAt.Add(grace)
	if last := b.deadline.Add(-grace); last.Before(opens) {
		opens = last
	}
	if voted < b.total && now.Before(opens) {
		return fmt.Errorf("%w: votes of %d of %d are in; the others have until %s", ErrEarly, voted, b.total, stamp(opens))
	}
	return nil
}

// opened lists who cast the vote that an opening stands for, and their weight.
func (b *ballot) opened(now time.Time, want func(Account) digest.Digest) (accounts []Account, weight uint64) {
	for _, v := range b.votes {
		if v.at.Before(now) && v.blind == want(v.account) {
			accounts = append(accounts, v.account)
			weight += v.weight
		}
	}
	return accounts, weight
}
