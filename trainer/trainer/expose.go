package trainer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// expose disputes this trainer's own slot when an auditor said OK without having computed the snapshot: the quorum's
// recomputation shows it, the deposit comes back, and the auditor's fine is this trainer's. It looks at every round of
// which it keeps snapshots once, when its audits are over.
func (t *trainer) expose(ctx context.Context, s *protocol.State, rounds []uint64) error {
	for _, n := range rounds {
		if live := s.Find(n); t.checked[n] || live != nil && live.Round.Phase != protocol.PhaseDispute {
			continue
		}
		r, err := t.Chain.Round(ctx, s.Run.ID, n)
		if err != nil {
			return err
		}
		t.checked[n] = true
		if err := t.exposeIn(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

func (t *trainer) exposeIn(ctx context.Context, s *protocol.State, r *protocol.RoundState) error {
	part := r.Part(t.Account)
	if part == nil {
		return nil
	}
	for _, w := range part.Slots {
		idle := t.idleAuditor(s, r, w)
		if idle == "" || w.Cleared || hasDispute(r, w.Index) {
			continue
		}
		e := protocol.DisputeWork{Account: t.Account, Round: r.Round.Number, Trainer: t.Account, Slot: w.Index}
		if err := t.Chain.Submit(ctx, s.Run.ID, e); err != nil {
			return fmt.Errorf("expose %s, who said OK without recomputing slot %d: %w", idle, w.Index, err)
		}
		t.Say(&status.Disputed{At: worker.Of(r.Round.Number, w.Index), Auditor: idle})
	}
	return nil
}

func hasDispute(r *protocol.RoundState, slot uint32) bool {
	for _, d := range r.Disputes {
		if d.Slot == slot && d.Outcome == 0 {
			return true
		}
	}
	return false
}

// idleAuditor is an auditor whose OK does not prove work. Snapshots that are not kept any more, or are damaged, prove nothing
// either way: a false accusation costs the deposit.
func (t *trainer) idleAuditor(s *protocol.State, r *protocol.RoundState, w protocol.SlotWork) protocol.Account {
	for _, a := range w.Audits {
		if a.Verdict != protocol.VerdictOK {
			continue
		}
		d, err := t.snapshots.Digest(s.Run.ID, r.Round.Number, w, a.Segment+1)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			t.Log.Warn("a kept snapshot is damaged; what its auditor said is not checked", "round", r.Round.Number, "slot", w.Index, "leaf",
				a.Segment+1, "err", err)
		case a.Work != protocol.Work(a.Auditor, d):
			return a.Auditor
		}
	}
	return ""
}
