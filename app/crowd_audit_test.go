package app_test

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

func (t *table) review() sdk.Msg {
	switch n := t.IntN(12); {
	case n == 0:
		return t.dispute()
	case n < 4:
		if m := t.judge(); m != nil {
			return m
		}
	case n < 7:
		return t.report()
	}
	if m := t.audit(); m != nil {
		return m
	}
	return t.report()
}

// audit answers what somebody was asked.
func (t *table) audit() sdk.Msg {
	asked := map[string][]protocol.Finding{}
	var who []string
	for _, p := range t.parts {
		for _, w := range p.Slots {
			truth := slotTruth(t.run, t.round.Number, w)
			for _, a := range w.Audits {
				if a.Verdict != roundtypes.VERDICT_UNSPECIFIED {
					continue
				}
				f := protocol.Finding{
					Trainer: protocol.Account(p.Trainer), Slot: w.Index, Segment: a.Segment, OK: a.Segment != truth.forged,
					Work: protocol.Work(protocol.Account(a.Auditor), truth.snapshot(a.Segment)),
				}
				if t.one(10) {
					f.OK = !f.OK
				}
				if t.one(10) {
					f.Work = made("no work")
				}
				if len(asked[a.Auditor]) == 0 {
					who = append(who, a.Auditor)
				}
				asked[a.Auditor] = append(asked[a.Auditor], f)
			}
		}
	}
	if len(who) == 0 {
		return nil
	}
	auditor := pick(t.crowd, who)
	return &roundtypes.MsgReview{Attester: auditor, Run: t.run.Id, Round: t.round.Number, Findings: roundtypes.FindingsOf(asked[auditor])}
}

// report votes on the evaluation, or opens the votes.
func (t *table) report() sdk.Msg {
	if !t.round.EvalDue && !t.one(20) {
		return nil
	}
	nats := natsOf(t.run.Id, t.round.Number)
	if t.one(15) {
		nats++
	}
	attester := t.seated(func(a string) bool { return len(t.vote(a).Review) == 0 })
	if len(t.vote(attester).Review) > 0 && !t.one(10) {
		return &roundtypes.MsgReport{Attester: attester, Run: t.run.Id, Round: t.round.Number, MicroNats: nats, Tokens: 50}
	}
	blind := protocol.EvalBlind(protocol.Account(attester), t.run.Id, t.round.Number, parsed(t.round.Result.Checkpoint), nats, 50)
	return &roundtypes.MsgReview{Attester: attester, Run: t.run.Id, Round: t.round.Number, Blind: blind.Text()}
}

// dispute accuses somebody, rightly or not.
func (t *table) dispute() sdk.Msg {
	if len(t.parts) == 0 {
		return nil
	}
	part := pick(t.crowd, t.parts)
	m := &roundtypes.MsgDispute{Accuser: t.anybody(), Run: t.run.Id, Round: t.round.Number, Trainer: part.Trainer,
		Slot: t.Uint32N(t.round.Slots + 1)}
	if len(part.Slots) > 0 && !t.one(20) {
		m.Slot = pick(t.crowd, part.Slots).Index
	}
	return m
}

// slot finds a slot of the round.
func (t *table) slot(index uint32) (roundtypes.SlotWork, bool) {
	for _, p := range t.parts {
		for _, w := range p.Slots {
			if w.Index == index {
				return w, true
			}
		}
	}
	return roundtypes.SlotWork{}, false
}

// judge votes in a dispute that is open, or opens the votes.
func (t *table) judge() sdk.Msg {
	for _, i := range t.Perm(len(t.disputes)) {
		d := t.disputes[i]
		w, found := t.slot(d.Slot)
		if d.Outcome != roundtypes.DISPUTE_OUTCOME_UNSPECIFIED || !found {
			continue
		}
		voted := map[string]bool{}
		for _, v := range d.Votes {
			voted[v.Attester] = true
		}
		attester := t.seated(func(a string) bool { return !voted[a] })
		ruling, committed, path := slotTruth(t.run, t.round.Number, w).ruling(w)
		if voted[attester] && !t.one(10) {
			return &roundtypes.MsgConclude{
				Attester: attester, Run: d.Run, Round: d.Round, Slot: d.Slot, Ruling: roundtypes.RulingOf(ruling), Committed: committed, Path: path,
			}
		}
		if t.one(20) {
			ruling.Leaf = made("a lie")
		}
		blind := protocol.RulingBlind(protocol.Account(attester), d.Run, d.Round, d.Slot, ruling)
		return &roundtypes.MsgJudge{Attester: attester, Run: d.Run, Round: d.Round, Slot: d.Slot, Blind: blind.Text()}
	}
	return nil
}
