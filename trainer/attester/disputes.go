package attester

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// judge recomputes the slots that are under dispute, votes on what it found, and opens the votes.
func (a *attester) judge(ctx context.Context, s *worker.Sight, r *protocol.RoundState) error {
	var errs []error
	for i := range r.Disputes {
		if d := &r.Disputes[i]; d.Outcome == 0 && !d.Ruled {
			errs = append(errs, a.judgeSlot(ctx, s, r, d))
		}
	}
	return errors.Join(errs...)
}

func (a *attester) judgeSlot(ctx context.Context, s *worker.Sight, r *protocol.RoundState, d *protocol.Dispute) error {
	work, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	run, n := s.State.Run.ID, r.Round.Number
	w := r.Slot(d.Trainer, d.Slot)
	if w == nil {
		return fmt.Errorf("round %d has no slot %d of %s", n, d.Slot, d.Trainer)
	}
	t, err := a.trail(ctx, s, r, work, d.Trainer, *w)
	if err != nil || t == nil {
		return err
	}
	ruling := work.rulings[d.Slot]
	if ruling == nil {
		var found protocol.Ruling
		a.background(ctx, func(ctx context.Context) (err error) {
			found, err = t.Rule(ctx, a.pass, w.Audits)
			return err
		}, func() { work.rulings[d.Slot] = &found })
		return nil
	}
	voted := slices.ContainsFunc(d.Votes, func(v protocol.Judgement) bool { return v.Attester == a.Account })
	return a.cast(ctx, run, ballot{
		name: "the dispute", voted: voted, quorumAt: d.QuorumAt,
		vote:     protocol.Judge{Account: a.Account, Round: n, Slot: d.Slot, Blind: protocol.RulingBlind(a.Account, run, n, d.Slot, *ruling)},
		open:     func() protocol.Event { return a.conclusion(n, d.Slot, t, ruling) },
		saidVote: &status.Judged{At: worker.Of(n, d.Slot), Trainer: d.Trainer, Segment: ruling.Segment, Segments: t.Segments()},
		saidOpen: &status.Concluded{At: worker.Of(n, d.Slot)},
	})
}

// conclusion opens a ruling; for a forgery it proves which leaf the trainer committed to.
func (a *attester) conclusion(round uint64, slot uint32, t *replay.Trail, ruling *protocol.Ruling) protocol.Event {
	e := protocol.Conclude{Account: a.Account, Round: round, Slot: slot, Ruling: *ruling}
	if ruling.Segment < t.Segments() {
		e.Committed, e.Path = t.Proof(ruling.Segment)
	}
	return e
}
