package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weftnet/weft/x/round/protocol"
)

// judge recomputes the slots that are under dispute, votes on what it found, and opens the votes.
func (a *Attester) judge(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) error {
	var errs []error
	for i := range r.Disputes {
		if d := &r.Disputes[i]; d.Outcome == 0 && !d.Ruled {
			errs = append(errs, a.judgeSlot(ctx, s, r, d, ws))
		}
	}
	return errors.Join(errs...)
}

func (a *Attester) judgeSlot(ctx context.Context, s *protocol.State, r *protocol.RoundState, d *protocol.Dispute, ws []Worker) error {
	at, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	w := slotOf(r, d.Trainer, d.Slot)
	if w == nil {
		return fmt.Errorf("round %d has no slot %d of %s", r.Round.Number, d.Slot, d.Trainer)
	}
	t, err := a.trail(ctx, s, r, at, d.Trainer, *w, ws)
	if err != nil || t == nil {
		return err
	}
	ruling := at.rulings[d.Slot]
	if ruling == nil {
		var found protocol.Ruling
		a.background(ctx, func(ctx context.Context) (err error) {
			found, err = t.Rule(ctx, a.work, w.Audits)
			return err
		}, func() { at.rulings[d.Slot] = &found })
		return nil
	}
	n := r.Round.Number
	if !judged(d, a.Account) {
		blind := protocol.RulingBlind(a.Account, s.Run.ID, n, d.Slot, *ruling)
		if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Judge{Account: a.Account, Round: n, Slot: d.Slot, Blind: blind}); err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		a.tell(Note{Kind: "judged", Round: n, Slot: d.Slot, Text: rulingText(t, d, ruling)})
		return nil
	}
	if d.QuorumAt.IsZero() || time.Since(d.QuorumAt) < time.Duration(a.behind)*2*time.Second {
		return nil
	}
	return a.conclude(ctx, s, n, d.Slot, t, ruling)
}

func (a *Attester) conclude(ctx context.Context, s *protocol.State, round uint64, slot uint32, t *Trail, ruling *protocol.Ruling) error {
	e := protocol.Conclude{Account: a.Account, Round: round, Slot: slot, Ruling: *ruling}
	if ruling.Segment < t.Segments() {
		e.Committed, e.Path = t.Proof(ruling.Segment)
	}
	err := a.Chain.Submit(ctx, s.Run.ID, e)
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil // at a later block, or another attester was first
	}
	if err != nil {
		return fmt.Errorf("conclude: %w", err)
	}
	a.tell(Note{Kind: "concluded", Round: round, Slot: slot})
	return nil
}

func judged(d *protocol.Dispute, account protocol.Account) bool {
	for _, v := range d.Votes {
		if v.Attester == account {
			return true
		}
	}
	return false
}

func rulingText(t *Trail, d *protocol.Dispute, r *protocol.Ruling) string {
	if r.Segment == t.Segments() {
		return fmt.Sprintf("slot %d of %s is what was committed", d.Slot, d.Trainer)
	}
	return fmt.Sprintf("slot %d of %s differs from segment %d on", d.Slot, d.Trainer, r.Segment)
}

// slotOf finds a trainer's slot in a round; nil when it has none.
func slotOf(r *protocol.RoundState, trainer protocol.Account, slot uint32) *protocol.SlotWork {
	p := partOf(r, trainer)
	if p == nil {
		return nil
	}
	return p.Slot(slot)
}
