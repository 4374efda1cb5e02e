package protocol

import "time"

// Prunable says whether nothing can happen any more to a round: it ended and
// its evidence window is over.
func (r *Round) Prunable(now time.Time, window time.Duration) bool {
	return !r.Pruned && !r.Phase.Live() && !now.Before(r.Ended.Add(window))
}

// Prune keeps of a round what people want to know for ever: the checkpoint, the
// contributions root, the evaluation, and what became of everybody. What the
// root binds can be shown by whoever kept it. Disputes are dropped by the
// caller.
func (r *RoundState) Prune() {
	r.Round.Pruned, r.Round.Seats, r.Round.Included = true, nil, nil
	r.Round.Result.Contributions = nil
	for i := range r.Parts {
		r.Parts[i].Slots = nil
	}
	for i := range r.Votes {
		v := &r.Votes[i]
		r.Votes[i] = Vote{
			Run: v.Run, Round: v.Round, Attester: v.Attester, Witnessed: v.Witnessed, Agreed: v.Agreed, Reviewed: v.Reviewed,
			Audited: v.Audited, Missed: v.Missed, Pay: v.Pay, Shares: v.Shares,
		}
	}
}
