package types

import "github.com/weftnet/weft/x/round/protocol"

// PartOf makes the stored form of a part.
func PartOf(p *protocol.Part) Part {
	out := Part{
		Run: p.Run, Round: p.Round, Trainer: string(p.Trainer), Reason: Reason(p.Reason),
		Tokens: p.Tokens, Pay: p.Pay, Shares: p.Shares, Held: p.Held, Steps: p.Steps, Assigned: p.Assigned,
	}
	for _, w := range p.Slots {
		out.Slots = append(out.Slots, SlotWork{
			Index: w.Index, Commit: CommitOf(w.Commit), OkWeight: w.OkWeight, BadWeight: w.BadWeight, Fate: SlotFate(w.Fate),
			Audits: auditsOf(w.Audits), Cleared: w.Cleared,
		})
	}
	return out
}

// Protocol is the inverse of PartOf.
func (p Part) Protocol() (protocol.Part, error) {
	out := protocol.Part{
		Run: p.Run, Round: p.Round, Trainer: protocol.Account(p.Trainer), Reason: protocol.Reason(p.Reason),
		Tokens: p.Tokens, Pay: p.Pay, Shares: p.Shares, Held: p.Held, Steps: p.Steps, Assigned: p.Assigned,
	}
	for _, w := range p.Slots {
		commit, err := w.Commit.Protocol()
		if err != nil {
			return out, err
		}
		audits, err := audits(w.Audits)
		if err != nil {
			return out, err
		}
		out.Slots = append(out.Slots, protocol.SlotWork{
			Index: w.Index, Commit: commit, OkWeight: w.OkWeight, BadWeight: w.BadWeight, Fate: protocol.SlotFate(w.Fate),
			Audits: audits, Cleared: w.Cleared,
		})
	}
	return out, nil
}

// VoteOf makes the stored form of a vote.
func VoteOf(v *protocol.Vote) Vote {
	return Vote{
		Run: v.Run, Round: v.Round, Attester: string(v.Attester), Witnessed: v.Witnessed, Ok: v.Ok, Bad: v.Bad,
		Blind: v.Blind.Text(), BlindAt: v.BlindAt, Agreed: v.Agreed,
		Review: v.Review.Text(), ReviewAt: v.ReviewAt, Reviewed: v.Reviewed, Pay: v.Pay, Shares: v.Shares,
		SaltCommit: v.SaltCommit.Text(), Salt: v.Salt.Text(), Audited: v.Audited, Missed: v.Missed,
	}
}

// Protocol is the inverse of VoteOf.
func (v Vote) Protocol() (protocol.Vote, error) {
	var d decoder
	out := protocol.Vote{
		Run: v.Run, Round: v.Round, Attester: protocol.Account(v.Attester), Witnessed: v.Witnessed, Ok: v.Ok, Bad: v.Bad,
		Blind: d.digest("blind", v.Blind), BlindAt: v.BlindAt, Agreed: v.Agreed,
		Review: d.digest("review", v.Review), ReviewAt: v.ReviewAt, Reviewed: v.Reviewed, Pay: v.Pay, Shares: v.Shares,
		SaltCommit: d.digest("salt_commit", v.SaltCommit), Salt: d.digest("salt", v.Salt), Audited: v.Audited, Missed: v.Missed,
	}
	return out, d.err
}
