package types

import "github.com/weftnet/weft/x/round/protocol"

// RoundOf makes the stored form of a round's header.
func RoundOf(r *protocol.Round) Round {
	out := Round{
		Run: r.Run, Number: r.Number, Phase: Phase(r.Phase), Started: r.Started, Deadline: r.Deadline, Graced: r.Graced,
		Parent: r.Parent.Text(), Seed: r.Seed.Text(), Cursor: r.Cursor, Slots: r.Slots, Reserved: r.Reserved,
		Attempt: r.Attempt, Voted: r.Voted, QuorumAt: r.QuorumAt, Included: r.Included,
		Opened: r.Opened, Result: OutcomeOf(r.Result), Root: r.Root.Text(),
		EvalDue: r.EvalDue, Eval: Eval{Reported: r.Eval.Reported, MicroNats: r.Eval.MicroNats, Tokens: r.Eval.Tokens},
		Ended: r.Ended, Void: Reason(r.Void), Paid: r.Paid, Minted: r.Minted,
		Entropy: r.Entropy.Text(), Second: r.Second, Convicted: r.Convicted, Pruned: r.Pruned, Shares: r.Shares, Verified: r.Verified,
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
		Entropy: d.digest("entropy", r.Entropy), Second: r.Second, Convicted: r.Convicted, Pruned: r.Pruned, Shares: r.Shares,
		Verified: r.Verified,
	}
	for _, s := range r.Seats {
		out.Seats = append(out.Seats, protocol.Seat{Account: protocol.Account(s.Account), Weight: s.Weight})
	}
	return out, d.err
}

// OutcomeOf makes the message of an outcome.
func OutcomeOf(o protocol.Outcome) Outcome {
	out := Outcome{Checkpoint: o.Checkpoint.Text(), Size_: o.Size, AssignedTokens: o.AssignedTokens}
	for _, c := range o.Contributions {
		out.Contributions = append(out.Contributions, Contribution{
			Trainer: string(c.Trainer), Slot: c.Slot, Delta: c.Delta.Text(), Steps: c.Steps, Tokens: c.Tokens,
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
	return Commit{Body: c.Body.Text(), Trace: c.Trace.Text(), Steps: c.Steps, Size_: c.Size}
}

// Protocol is the inverse of CommitOf.
func (c Commit) Protocol() (protocol.Commit, error) {
	var d decoder
	out := protocol.Commit{Body: d.digest("body", c.Body), Trace: d.digest("trace", c.Trace), Steps: c.Steps, Size: c.Size_}
	return out, d.err
}
