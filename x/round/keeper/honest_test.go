package keeper_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// The people of these tests do what honest people do, from queries alone:
// everything a trainer or an attester needs must be there.

func (c *chain) enrol(names ...string) {
	for _, n := range names {
		_, err := c.msg.Enrol(c.ctx, &types.MsgEnrol{Trainer: addr(n).String(), Run: 1, Slots: 1})
		require.NoError(c.t, err)
	}
}

func (c *chain) ready(names ...string) {
	for _, n := range names {
		_, err := c.msg.Ready(c.ctx, &types.MsgReady{Attester: addr(n).String(), Run: 1})
		require.NoError(c.t, err)
	}
}

func (c *chain) commit(part types.Part, slot types.SlotWork, steps uint32) error {
	_, err := c.msg.Commit(c.ctx, &types.MsgCommit{
		Trainer: part.Trainer, Run: 1, Round: part.Round, Slot: slot.Index,
		Commit: types.CommitOf(protocol.Commit{
			Body: digest.Digest{9, byte(slot.Index)}, Trace: digest.MerkleDigests(c.leaves(part.Trainer)), Steps: steps, Size: 100,
		}),
	})
	return err
}

// outcome is what an attester computes: ten tokens a step.
func (c *chain) outcome(round types.Round) protocol.Outcome {
	o := protocol.Outcome{
		Checkpoint: digest.Digest{7, byte(round.Number)}, Size: 1000, AssignedTokens: uint64(round.Slots) * 40,
	}
	for _, slot := range round.Included {
		for _, part := range c.parts(round.Number) {
			p, err := part.Protocol()
			require.NoError(c.t, err)
			if w := p.Slot(slot); w != nil {
				o.Contributions = append(o.Contributions, protocol.Contribution{
					Trainer: p.Trainer, Slot: slot, Delta: w.Commit.Body, Steps: w.Commit.Steps, Tokens: uint64(w.Commit.Steps) * 10,
				})
			}
		}
	}
	return o
}

// work does what everybody would do now, except the idle ones, and ends the
// block.
func (c *chain) work(idle ...string) {
	skip := map[string]bool{}
	for _, n := range idle {
		skip[addr(n).String()] = true
	}
	run := c.run()
	for _, number := range run.Run.Unsettled {
		c.review(number, skip)
	}
	if run.Current != nil {
		c.workOn(*run.Current, skip)
	}
	c.advance(time.Second)
}

func (c *chain) workOn(round types.Round, skip map[string]bool) {
	switch round.Phase {
	case types.PHASE_TRAIN:
		for _, part := range c.parts(round.Number) {
			for _, slot := range part.Slots {
				if !skip[part.Trainer] && slot.Commit.Steps == 0 {
					require.NoError(c.t, c.commit(part, slot, 4))
				}
			}
		}
	case types.PHASE_PUBLISH:
		var ok []uint32
		for _, part := range c.parts(round.Number) {
			for _, slot := range part.Slots {
				if slot.Commit.Steps > 0 {
					ok = append(ok, slot.Index)
				}
			}
		}
		for _, seat := range round.Seats {
			if !skip[seat.Account] {
				_, err := c.msg.Witness(c.ctx, &types.MsgWitness{Attester: seat.Account, Run: 1, Round: round.Number, Ok: ok})
				require.NoError(c.t, err)
			}
		}
	case types.PHASE_ATTEST:
		c.attest(round, skip)
	}
}

func (c *chain) attest(round types.Round, skip map[string]bool) {
	outcome := c.outcome(round)
	for _, seat := range round.Seats {
		if skip[seat.Account] {
			continue
		}
		blind := protocol.Blind(protocol.Account(seat.Account), 1, round.Number, outcome.Checkpoint, outcome.Root())
		_, err := c.msg.Attest(c.ctx, &types.MsgAttest{Attester: seat.Account, Run: 1, Round: round.Number, Blind: blind.Text()})
		if err != nil {
			require.ErrorIs(c.t, err, types.Registered(protocol.ErrDuplicate))
		}
		_, err = c.msg.Reveal(c.ctx, &types.MsgReveal{Attester: seat.Account, Run: 1, Round: round.Number, Outcome: types.OutcomeOf(outcome)})
		if err != nil && !errorIsAny(err, types.Registered(protocol.ErrEarly), types.Registered(protocol.ErrDuplicate)) {
			require.NoError(c.t, err)
		}
	}
}

func (c *chain) review(number uint64, skip map[string]bool) {
	res, err := c.q.Round(c.ctx, &types.QueryRoundRequest{Run: 1, Round: number})
	require.NoError(c.t, err)
	checkpoint, err := digest.Parse(res.Round.Result.Checkpoint)
	require.NoError(c.t, err)
	nats := 1_500_000 - 100_000*number
	c.judge(number, res.Round, skip)
	if res.Round.Phase != types.PHASE_REVIEW {
		return
	}
	for _, seat := range res.Round.Seats {
		if skip[seat.Account] {
			continue
		}
		c.audit(number, seat.Account)
		blind := protocol.EvalBlind(protocol.Account(seat.Account), 1, number, checkpoint, nats, 50)
		_, err := c.msg.Review(c.ctx, &types.MsgReview{Attester: seat.Account, Run: 1, Round: number, Blind: blind.Text()})
		if err != nil {
			require.ErrorIs(c.t, err, types.Registered(protocol.ErrDuplicate))
		}
		_, err = c.msg.Report(c.ctx, &types.MsgReport{Attester: seat.Account, Run: 1, Round: number, MicroNats: nats, Tokens: 50})
		if err != nil && !errorIsAny(err, types.Registered(protocol.ErrEarly), types.Registered(protocol.ErrDuplicate)) {
			require.NoError(c.t, err)
		}
	}
}

// leaves are what a trainer commits to; a forger's first segment ends elsewhere.
func (c *chain) leaves(trainer string) []digest.Digest {
	ls := []digest.Digest{{20}, {21}, {22}}
	if trainer == addr(c.forger).String() {
		ls[1] = digest.Digest{99}
	}
	return ls
}

// audit answers every audit that an attester was given.
func (c *chain) audit(number uint64, attester string) {
	var findings []protocol.Finding
	for _, part := range c.parts(number) {
		for _, slot := range part.Slots {
			for _, a := range slot.Audits {
				if a.Auditor == attester && a.Verdict == 0 {
					work := protocol.Work(protocol.Account(attester), digest.Digest{30, byte(a.Segment)})
					ok := part.Trainer != addr(c.forger).String() || a.Segment != 0
					findings = append(findings, protocol.Finding{Trainer: protocol.Account(part.Trainer), Slot: slot.Index, Segment: a.Segment, OK: ok,
						Work: work})
				}
			}
		}
	}
	if len(findings) > 0 {
		_, err := c.msg.Review(c.ctx, &types.MsgReview{Attester: attester, Run: 1, Round: number, Findings: types.FindingsOf(findings)})
		require.NoError(c.t, err)
	}
}

// judge votes in every dispute, and opens the votes.
func (c *chain) judge(number uint64, round types.Round, skip map[string]bool) {
	res, err := c.q.Disputes(c.ctx, &types.QueryDisputesRequest{Run: 1, Round: number})
	require.NoError(c.t, err)
	for _, d := range res.Disputes {
		if d.Outcome != 0 {
			continue
		}
		msg := c.ruling(number, d)
		ruling, err := msg.Ruling.Protocol()
		require.NoError(c.t, err)
		for _, seat := range round.Seats {
			if skip[seat.Account] {
				continue
			}
			blind := protocol.RulingBlind(protocol.Account(seat.Account), 1, number, d.Slot, ruling)
			_, err := c.msg.Judge(c.ctx, &types.MsgJudge{Attester: seat.Account, Run: 1, Round: number, Slot: d.Slot, Blind: blind.Text()})
			if err != nil {
				require.ErrorIs(c.t, err, types.Registered(protocol.ErrDuplicate))
			}
			msg.Attester = seat.Account
			_, err = c.msg.Conclude(c.ctx, &msg)
			if err != nil && !errorIsAny(err, types.Registered(protocol.ErrEarly), types.Registered(protocol.ErrDuplicate)) {
				require.NoError(c.t, err)
			}
		}
	}
}

// ruling is the truth about a slot.
func (c *chain) ruling(number uint64, d types.Dispute) types.MsgConclude {
	msg := types.MsgConclude{Run: 1, Round: number, Slot: d.Slot}
	if d.Trainer == addr(c.forger).String() {
		ls := c.leaves(d.Trainer)
		msg.Ruling = types.RulingOf(protocol.Ruling{Leaf: digest.Digest{21}})
		msg.Committed, msg.Path = ls[1].Text(), types.Digests(digest.MerkleProof(ls, 1))
		return msg
	}
	r := protocol.Ruling{Segment: 2}
	for _, part := range c.parts(number) {
		for _, slot := range part.Slots {
			for _, a := range slot.Audits {
				if slot.Index == d.Slot {
					r.Snapshots = append(r.Snapshots, digest.Digest{30, byte(a.Segment)})
				}
			}
		}
	}
	msg.Ruling = types.RulingOf(r)
	return msg
}
