package keeper

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"cosmossdk.io/collections"
	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// session is a state loaded for one call of the rules. It remembers the bytes
// that were read, so that only what changed is written.
type session struct {
	*protocol.State
	stored types.Run
	was    map[mark][]byte
}

// mark names a stored value of the run.
type mark struct {
	kind  string // round, part, vote or dispute
	round uint64
	name  string // account or slot
}

// begin loads a run without its rounds.
func (k Keeper) begin(ctx context.Context, id uint64) (*session, error) {
	stored, err := k.run(ctx, id)
	if err != nil {
		return nil, err
	}
	run, err := stored.Protocol()
	if err != nil {
		return nil, err
	}
	return &session{State: &protocol.State{Run: run}, stored: stored, was: map[mark][]byte{}}, nil
}

// header adds the header of a round; nil when there is none.
func (k Keeper) header(ctx context.Context, s *session, number uint64) (*protocol.RoundState, error) {
	stored, err := k.rounds.Get(ctx, collections.Join(s.Run.ID, number))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	round, err := stored.Protocol()
	if err != nil {
		return nil, err
	}
	s.Rounds = append(s.Rounds, protocol.RoundState{Round: round})
	return &s.Rounds[len(s.Rounds)-1], k.remember(s, mark{kind: "round", round: number}, &stored)
}

// member adds the header of a round with one account's part and vote.
func (k Keeper) member(ctx context.Context, s *session, number uint64, account protocol.Account) error {
	r, err := k.header(ctx, s, number)
	if err != nil || r == nil {
		return err
	}
	key := collections.Join3(s.Run.ID, number, string(account))
	part, err := k.parts.Get(ctx, key)
	if err == nil {
		err = k.addPart(s, r, part)
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	vote, err := k.votes.Get(ctx, key)
	if err == nil {
		err = k.addVote(s, r, vote)
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	return nil
}

// disputed adds the header of a round with one account's part and the disputes
// of the round.
func (k Keeper) disputed(ctx context.Context, s *session, number uint64, account protocol.Account) error {
	if err := k.member(ctx, s, number, account); err != nil {
		return err
	}
	r := s.Find(number)
	if r == nil {
		return nil
	}
	return k.addDisputes(ctx, s, r)
}

func (k Keeper) addDisputes(ctx context.Context, s *session, r *protocol.RoundState) error {
	prefix := collections.NewSuperPrefixedTripleRange[uint64, uint64, uint32](s.Run.ID, r.Round.Number)
	return k.disputes.Walk(ctx, prefix, func(_ slotKey, stored types.Dispute) (bool, error) {
		dispute, err := stored.Protocol()
		if err != nil {
			return true, err
		}
		r.Disputes = append(r.Disputes, dispute)
		return false, k.remember(s, mark{"dispute", dispute.Round, slotName(dispute.Slot)}, &stored)
	})
}

func slotName(slot uint32) string { return strconv.FormatUint(uint64(slot), 10) }

// whole adds a round with all its parts, votes and disputes.
func (k Keeper) whole(ctx context.Context, s *session, number uint64) error {
	r, err := k.header(ctx, s, number)
	if err != nil || r == nil {
		return err
	}
	prefix := collections.NewSuperPrefixedTripleRange[uint64, uint64, string](s.Run.ID, number)
	if err := k.parts.Walk(ctx, prefix, func(_ memberKey, part types.Part) (bool, error) {
		return false, k.addPart(s, r, part)
	}); err != nil {
		return err
	}
	if err := k.votes.Walk(ctx, prefix, func(_ memberKey, vote types.Vote) (bool, error) {
		return false, k.addVote(s, r, vote)
	}); err != nil {
		return err
	}
	return k.addDisputes(ctx, s, r)
}

// live adds every round that can still change, whole.
func (k Keeper) live(ctx context.Context, s *session) error {
	numbers := slices.Clone(s.Run.Unsettled)
	if s.Run.Current != 0 {
		numbers = append(numbers, s.Run.Current)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		if err := k.whole(ctx, s, number); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) addPart(s *session, r *protocol.RoundState, stored types.Part) error {
	part, err := stored.Protocol()
	if err != nil {
		return err
	}
	r.Parts = append(r.Parts, part)
	return k.remember(s, mark{"part", part.Round, stored.Trainer}, &stored)
}

func (k Keeper) addVote(s *session, r *protocol.RoundState, stored types.Vote) error {
	vote, err := stored.Protocol()
	if err != nil {
		return err
	}
	r.Votes = append(r.Votes, vote)
	return k.remember(s, mark{"vote", vote.Round, stored.Attester}, &stored)
}

func (k Keeper) remember(s *session, m mark, stored codec.ProtoMarshaler) error {
	bz, err := k.cdc.Marshal(stored)
	s.was[m] = bz
	return err
}

// put writes a value that differs from what was read.
func (k Keeper) put(s *session, m mark, value codec.ProtoMarshaler, set func() error) error {
	bz, err := k.cdc.Marshal(value)
	if err != nil {
		return err
	}
	if old, known := s.was[m]; known && bytes.Equal(old, bz) {
		return nil
	}
	return set()
}

// save writes what changed, and the run with the time to look at it again.
func (k Keeper) save(ctx context.Context, s *session, wake time.Time) error {
	for i := range s.Rounds {
		if err := k.saveRound(ctx, s, &s.Rounds[i]); err != nil {
			return err
		}
	}
	stored := types.RunOf(&s.Run, s.stored.Wake, s.stored.Fault, s.stored.Pruned)
	if err := k.setWake(ctx, &stored, wake); err != nil {
		return err
	}
	return k.runs.Set(ctx, s.Run.ID, stored)
}

func (k Keeper) saveRound(ctx context.Context, s *session, r *protocol.RoundState) error {
	run, number := s.Run.ID, r.Round.Number
	header := types.RoundOf(&r.Round)
	if err := k.put(s, mark{kind: "round", round: number}, &header, func() error {
		return k.rounds.Set(ctx, collections.Join(run, number), header)
	}); err != nil {
		return err
	}
	for i := range r.Parts {
		part := types.PartOf(&r.Parts[i])
		if err := k.put(s, mark{"part", number, part.Trainer}, &part, func() error {
			return k.parts.Set(ctx, collections.Join3(run, number, part.Trainer), part)
		}); err != nil {
			return err
		}
	}
	for i := range r.Votes {
		vote := types.VoteOf(&r.Votes[i])
		if err := k.put(s, mark{"vote", number, vote.Attester}, &vote, func() error {
			return k.votes.Set(ctx, collections.Join3(run, number, vote.Attester), vote)
		}); err != nil {
			return err
		}
	}
	for i := range r.Disputes {
		dispute := types.DisputeOf(&r.Disputes[i])
		if err := k.put(s, mark{"dispute", number, slotName(dispute.Slot)}, &dispute, func() error {
			return k.disputes.Set(ctx, collections.Join3(run, number, dispute.Slot), dispute)
		}); err != nil {
			return err
		}
	}
	return nil
}
