package app_test

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// training is a move in one of the runs that can still change.
func (c *crowd) training(ctx sdk.Context) sdk.Msg {
	var live []roundtypes.Run
	for _, run := range read(c.rounds.Runs(ctx, &roundtypes.QueryRunsRequest{Pagination: everything})).Runs {
		if run.Status != roundtypes.STATUS_ENDED || len(run.Unsettled) > 0 || c.one(6) {
			live = append(live, run)
		}
	}
	if len(live) == 0 {
		return nil
	}
	run := pick(c, live)
	if m := c.join(run); m != nil {
		return m
	}
	numbers := slices.Clone(run.Unsettled)
	if run.Current != 0 {
		numbers = append(numbers, run.Current)
	}
	if run.Next > 1 && (len(numbers) == 0 || c.one(12)) {
		numbers = []uint64{1 + c.Uint64N(run.Next-1)} // perhaps a settled one
	}
	if len(numbers) == 0 {
		return nil
	}
	res, err := c.rounds.Round(ctx, &roundtypes.QueryRoundRequest{Run: run.Id, Round: pick(c, numbers)})
	if err != nil {
		return nil // there is no round 0 in a run without evaluations
	}
	t := &table{crowd: c, run: run, round: res.Round}
	req := &roundtypes.QueryPartsRequest{Run: run.Id, Round: res.Round.Number, Pagination: everything}
	t.parts = read(c.rounds.Parts(ctx, req)).Parts
	t.votes = read(c.rounds.Votes(ctx, &roundtypes.QueryVotesRequest{Run: run.Id, Round: res.Round.Number, Pagination: everything})).Votes
	t.disputes = read(c.rounds.Disputes(ctx, &roundtypes.QueryDisputesRequest{Run: run.Id, Round: res.Round.Number,
		Pagination: everything})).Disputes
	return t.move()
}

// join brings people into a run that has too few, and sometimes others.
func (c *crowd) join(run roundtypes.Run) sdk.Msg {
	trains, attests := map[string]bool{}, map[string]bool{}
	for _, t := range run.Trainers {
		trains[t.Account] = !t.Leaving && !t.Inactive
	}
	for _, a := range run.Attesters {
		attests[a.Account] = a.Ready
	}
	active, ready := 0, 0
	for _, in := range trains {
		if in {
			active++
		}
	}
	for _, in := range attests {
		if in {
			ready++
		}
	}
	needed := run.Status == roundtypes.STATUS_OPEN && run.Current == 0
	switch n := c.IntN(12); {
	case needed && ready < 3 && n < 8, n == 0:
		return &roundtypes.MsgReady{Attester: missing(c, c.attesters, attests), Run: run.Id}
	case needed && active < 3 && n < 8, n == 1:
		return &roundtypes.MsgEnrol{Trainer: missing(c, c.trainers, trains), Run: run.Id, Slots: 1 + c.Uint32N(2)}
	case n == 2 && c.one(6):
		return &roundtypes.MsgLeave{Account: pick(c, slices.Concat(c.trainers, c.attesters)).String(), Run: run.Id}
	}
	return nil
}

// missing is one of the accounts that is not in yet, if there is one.
func missing(c *crowd, list []network.Account, in map[string]bool) string {
	for _, i := range c.Perm(len(list)) {
		if !in[list[i].String()] {
			return list[i].String()
		}
	}
	return pick(c, list).String()
}

// table is a round with all that was said in it.
type table struct {
	*crowd

	run      roundtypes.Run
	round    roundtypes.Round
	parts    []roundtypes.Part
	votes    []roundtypes.Vote
	disputes []roundtypes.Dispute
}

func (t *table) move() sdk.Msg {
	phase := t.round.Phase
	if t.one(40) {
		phase = roundtypes.Phase(1 + t.IntN(8)) // somebody is late, or early
	}
	switch phase {
	case roundtypes.PHASE_TRAIN:
		return t.commit()
	case roundtypes.PHASE_PUBLISH:
		return t.witness()
	case roundtypes.PHASE_ATTEST:
		return t.attest()
	case roundtypes.PHASE_WAITING:
		return &roundtypes.MsgReady{Attester: pick(t.crowd, t.attesters).String(), Run: t.run.Id}
	case roundtypes.PHASE_REVIEW:
		return t.review()
	case roundtypes.PHASE_DISPUTE:
		return t.judge()
	case roundtypes.PHASE_SETTLED:
		return t.dispute()
	default:
		return nil
	}
}

func (t *table) commit() sdk.Msg {
	for _, i := range t.Perm(len(t.parts)) {
		part := t.parts[i]
		for _, w := range part.Slots {
			if w.Commit.Steps > 0 && !t.one(30) { // else a second machine
				continue
			}
			steps := t.run.Spec.InnerSteps
			if t.one(3) {
				steps = 1 + t.Uint32N(steps)
			}
			forged := 0
			if t.one(4) {
				forged = 1 + t.IntN(3)
			}
			c := protocol.Commit{Body: bodyOf(t.run.Id, t.round.Number, w.Index, forged, t.one(12)), Steps: steps, Size: 100}
			w.Commit = roundtypes.CommitOf(c)
			c.Trace = slotTruth(t.run, t.round.Number, w).trace()
			return &roundtypes.MsgCommit{Trainer: part.Trainer, Run: t.run.Id, Round: t.round.Number, Slot: w.Index, Commit: roundtypes.CommitOf(c)}
		}
	}
	return nil
}

// vote is what an attester has said so far.
func (t *table) vote(attester string) roundtypes.Vote {
	for _, v := range t.votes {
		if v.Attester == attester {
			return v
		}
	}
	return roundtypes.Vote{}
}

// seated is one of the attesters of the round for whom something is to do, or any, or, rarely, somebody else.
func (t *table) seated(todo func(attester string) bool) string {
	for _, i := range t.Perm(len(t.round.Seats)) {
		if a := t.round.Seats[i].Account; todo(a) {
			return a
		}
	}
	if len(t.round.Seats) == 0 || t.one(30) {
		return t.anybody()
	}
	return pick(t.crowd, t.round.Seats).Account
}

func (t *table) witness() sdk.Msg {
	m := &roundtypes.MsgWitness{
		Attester: t.seated(func(a string) bool { return !t.vote(a).Witnessed }), Run: t.run.Id, Round: t.round.Number,
	}
	byIndex := map[uint32]roundtypes.Commit{}
	for _, p := range t.parts {
		for _, w := range p.Slots {
			byIndex[w.Index] = w.Commit
		}
	}
	for slot := range t.round.Slots {
		c := byIndex[slot]
		switch {
		case c.Steps == 0, t.one(15): // nothing came
		case isBroken(c), t.one(40):
			m.Bad = append(m.Bad, slot)
		default:
			m.Ok = append(m.Ok, slot)
		}
	}
	if !t.one(3) {
		salt := protocol.SaltCommitment(protocol.Account(m.Attester), m.Run, m.Round, saltOf(m.Attester, m.Run, m.Round))
		m.SaltCommit = salt.Text()
	}
	return m
}

func (t *table) attest() sdk.Msg {
	outcome := outcomeOf(t.run, t.round, t.parts)
	if t.one(15) {
		outcome.Checkpoint = made("a lie about %d %d", t.run.Id, t.round.Number)
	}
	attester := t.seated(func(a string) bool { return len(t.vote(a).Blind) == 0 })
	vote := t.vote(attester)
	if len(vote.Blind) > 0 && !t.one(10) {
		return &roundtypes.MsgReveal{Attester: attester, Run: t.run.Id, Round: t.round.Number, Outcome: roundtypes.OutcomeOf(outcome)}
	}
	blind := protocol.Blind(protocol.Account(attester), t.run.Id, t.round.Number, outcome.Checkpoint, outcome.Root())
	m := &roundtypes.MsgAttest{Attester: attester, Run: t.run.Id, Round: t.round.Number, Blind: blind.Text()}
	if len(vote.SaltCommit) > 0 && !t.one(20) {
		salt := saltOf(attester, t.run.Id, t.round.Number)
		m.Salt = salt.Text()
	}
	return m
}
