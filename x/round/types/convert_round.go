package types

import "github.com/weftnet/weft/x/round/protocol"

// RoundOf makes the stored form of a round's header.
func RoundOf(r *protocol.Round) Round {
	out := Round{
		Run: r.Run, Number: r.Number, Phase: Phase(r.Phase), Started: r.Started, Deadline: r.Deadline, Graced: r.Graced,
		Parent: raw(r.Parent), Seed: raw(r.Seed), Cursor: r.Cursor, Slots: r.Slots, Reserved: r.Reserved,
		Attempt: r.Attempt, Voted: r.Voted, QuorumAt: r.QuorumAt, Included: r.Included,
		Opened: r.Opened, Result: OutcomeOf(r.Result), Root: raw(r.Root),
		EvalDue: r.EvalDue, Eval: Eval{Reported: r.Eval.Reported, MicroNats: r.Eval.MicroNats, Tokens: r.Eval.Tokens},
		Ended: r.Ended, Void: Reason(r.Void), Paid: r.Paid, Minted: r.Minted,
	}
	for _, s := range r.Seats {
		out.Seats = append(out.Seats, Seat{Account: string(s.Account), Weight: s.Weight})
	}
	return out
}

// Protocol is the inverse of RoundOf.
func (r Round) Protocol() (protocol.Round, error) {
	var d decoder
	result, err := r.Result.Protocol()
	if err != nil {
		return protocol.Round{}, err
	}
	out := protocol.Round{
		Run: r.Run, Number: r.Number, Phase: protocol.Phase(r.Phase), Started: r.Started, Deadline: r.Deadline, Graced: r.Graced,
		Parent: d.digest("parent", r.Parent), Seed: d.digest("seed", r.Seed), Cursor: r.Cursor, Slots: r.Slots, Reserved: r.Reserved,
		Attempt: r.Attempt, Voted: r.Voted, QuorumAt: r.QuorumAt, Included: r.Included,
		Opened: r.Opened, Result: result, Root: d.digest("root", r.Root),
		EvalDue: r.EvalDue, Eval: protocol.Eval{Reported: r.Eval.Reported, MicroNats: r.Eval.MicroNats, Tokens: r.Eval.Tokens},
		Ended: r.Ended, Void: protocol.Reason(r.Void), Paid: r.Paid, Minted: r.Minted,
	}
	for _, s := range r.Seats {
		out.Seats = append(out.Seats, protocol.Seat{Account: protocol.Account(s.Account), Weight: s.Weight})
	}
	return out, d.err
}

// OutcomeOf makes the message of an outcome.
func OutcomeOf(o protocol.Outcome) Outcome {
	out := Outcome{Checkpoint: raw(o.Checkpoint), Size_: o.Size, AssignedTokens: o.AssignedTokens}
	for _, c := range o.Contributions {
		out.Contributions = append(out.Contributions, Contribution{
			Trainer: string(c.Trainer), Slot: c.Slot, Delta: raw(c.Delta), Steps: c.Steps, Tokens: c.Tokens,
		})
	}
	return out
}

// Protocol is the inverse of OutcomeOf.
func (o Outcome) Protocol() (protocol.Outcome, error) {
	var d decoder
	out := protocol.Outcome{Checkpoint: d.digest("checkpoint", o.Checkpoint), Size: o.Size_, AssignedTokens: o.AssignedTokens}
	for _, c := range o.Contributions {
		out.Contributions = append(out.Contributions, protocol.Contribution{
			Trainer: protocol.Account(c.Trainer), Slot: c.Slot, Delta: d.digest("delta", c.Delta), Steps: c.Steps, Tokens: c.Tokens,
		})
	}
	return out, d.err
}

// CommitOf makes the message of a commitment.
func CommitOf(c protocol.Commit) Commit {
	return Commit{Body: raw(c.Body), Trace: raw(c.Trace), Steps: c.Steps, Size_: c.Size}
}

// Protocol is the inverse of CommitOf.
func (c Commit) Protocol() (protocol.Commit, error) {
	var d decoder
	out := protocol.Commit{Body: d.digest("body", c.Body), Trace: d.digest("trace", c.Trace), Steps: c.Steps, Size: c.Size_}
	return out, d.err
}

// PartOf makes the stored form of a part.
func PartOf(p *protocol.Part) Part {
	out := Part{
		Run: p.Run, Round: p.Round, Trainer: string(p.Trainer), Reason: Reason(p.Reason),
		Tokens: p.Tokens, Pay: p.Pay, Shares: p.Shares, Steps: p.Steps, Assigned: p.Assigned,
	}
	for _, w := range p.Slots {
		out.Slots = append(out.Slots, SlotWork{
			Index: w.Index, Commit: CommitOf(w.Commit), OkWeight: w.OkWeight, BadWeight: w.BadWeight, Fate: SlotFate(w.Fate),
		})
	}
	return out
}

// Protocol is the inverse of PartOf.
func (p Part) Protocol() (protocol.Part, error) {
	out := protocol.Part{
		Run: p.Run, Round: p.Round, Trainer: protocol.Account(p.Trainer), Reason: protocol.Reason(p.Reason),
		Tokens: p.Tokens, Pay: p.Pay, Shares: p.Shares, Steps: p.Steps, Assigned: p.Assigned,
	}
	for _, w := range p.Slots {
		commit, err := w.Commit.Protocol()
		if err != nil {
			return out, err
		}
		out.Slots = append(out.Slots, protocol.SlotWork{
			Index: w.Index, Commit: commit, OkWeight: w.OkWeight, BadWeight: w.BadWeight, Fate: protocol.SlotFate(w.Fate),
		})
	}
	return out, nil
}

// VoteOf makes the stored form of a vote.
func VoteOf(v *protocol.Vote) Vote {
	return Vote{
		Run: v.Run, Round: v.Round, Attester: string(v.Attester), Witnessed: v.Witnessed, Ok: v.Ok, Bad: v.Bad,
		Blind: raw(v.Blind), BlindAt: v.BlindAt, Agreed: v.Agreed,
		Review: raw(v.Review), ReviewAt: v.ReviewAt, Reviewed: v.Reviewed, Pay: v.Pay, Shares: v.Shares,
	}
}

// Protocol is the inverse of VoteOf.
func (v Vote) Protocol() (protocol.Vote, error) {
	var d decoder
	out := protocol.Vote{
		Run: v.Run, Round: v.Round, Attester: protocol.Account(v.Attester), Witnessed: v.Witnessed, Ok: v.Ok, Bad: v.Bad,
		Blind: d.digest("blind", v.Blind), BlindAt: v.BlindAt, Agreed: v.Agreed,
		Review: d.digest("review", v.Review), ReviewAt: v.ReviewAt, Reviewed: v.Reviewed, Pay: v.Pay, Shares: v.Shares,
	}
	return out, d.err
}
