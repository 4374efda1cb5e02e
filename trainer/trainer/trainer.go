package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Config is what a trainer of one run needs.
type Config struct {
	worker.Config
	Slots     uint32 // of work to take in each round
	Snapshots *slot.Snapshots
	Do        slot.Func // does the work of one slot; nil: slot.Run. Tests put workers that lie here
}

// trainer trains an account's slots of a run.
type trainer struct {
	*worker.Worker
	slots     uint32
	snapshots *slot.Snapshots
	do        slot.Func

	pass    replay.Pass
	job     *job            // the round being trained
	sent    announcements   // of the current round
	checked map[uint64]bool // rounds of which the auditors' verdicts were looked at
	worked  bool            // the run had not ended when it was first looked at
}

// Run follows the chain until the run has ended or ctx is cancelled.
func Run(ctx context.Context, c Config) error {
	t := &trainer{Worker: worker.New(c.Config), slots: c.Slots, snapshots: c.Snapshots, do: c.Do, checked: map[uint64]bool{}}
	if t.do == nil {
		t.do = slot.Run
	}
	if err := t.Host.Join(c.Run, false); err != nil {
		return err
	}
	t.Host.ServeSnapshots(t.snapshots.Serve)
	t.pass = t.NewPass()
	err := t.Follow(ctx, t.step)
	if t.job != nil {
		err = errors.Join(err, t.job.Stop())
	}
	return err
}

func (t *trainer) step(ctx context.Context, s *worker.Sight) (bool, error) {
	run := &s.State.Run
	rounds, err := t.snapshots.Rounds(run.ID)
	if err != nil {
		return false, err
	}
	if run.Status == protocol.StatusEnded && len(s.State.Rounds) == 0 {
		if len(rounds) == 0 && !t.worked {
			return false, worker.Fatal(&operror.Error{Op: "train in run", Ref: fmt.Sprint(run.ID), Err: worker.ErrEnded, Hint: worker.RunsHint})
		}
		return true, t.expose(ctx, s.State, rounds) // those who audited the last round
	}
	t.worked = true
	if err := t.Check(&run.Spec, false); err != nil {
		return false, err
	}
	if err := t.Try("enrol", func() error { return t.enrol(ctx, s) }); err != nil {
		return false, err
	}
	if err := t.reap(s.State); err != nil {
		return false, err
	}
	err = t.expose(ctx, s.State, rounds) // whatever is wrong with old rounds, the work goes on
	t.sweep(s.State, rounds)
	return false, errors.Join(err, t.current(ctx, s))
}

// current does what the round under way asks of this trainer.
func (t *trainer) current(ctx context.Context, s *worker.Sight) error {
	r := s.State.Find(s.State.Run.Current)
	if r == nil {
		return nil
	}
	part := r.Part(t.Account)
	if part == nil || !part.Selected() {
		return nil
	}
	switch r.Round.Phase {
	case protocol.PhaseTrain:
		if err := t.train(ctx, s, r, part); err != nil {
			return err
		}
		return t.publish(ctx, r, part)
	case protocol.PhasePublish:
		return t.publish(ctx, r, part)
	}
	return nil
}

// sweep marks the rounds that are over, and forgets those whose evidence window is.
func (t *trainer) sweep(s *protocol.State, rounds []uint64) {
	var err error
	for _, n := range rounds {
		if s.Find(n) == nil {
			err = errors.Join(err, t.snapshots.Settle(s.Run.ID, n))
		}
	}
	if err = errors.Join(err, t.snapshots.Sweep(s.Run.ID, t.Keep)); err != nil {
		t.Log.Warn("old snapshots stay on disk", "err", err)
	}
}

// enrol offers the account's slots, at first and after a cool-down.
func (t *trainer) enrol(ctx context.Context, s *worker.Sight) error {
	run := &s.State.Run
	e := run.Trainer(t.Account)
	switch {
	case run.Attester(t.Account) != nil:
		return worker.OtherRole(string(t.Account), run, "attest")
	case run.Status >= protocol.StatusEnding || e != nil && (e.Leaving || !e.Inactive && e.Slots == t.slots):
		return nil
	case e != nil && e.Inactive && s.Now.Before(e.InactiveUntil):
		return &worker.Wait{Until: e.InactiveUntil, Fix: "look at weft why for the rounds that were missed; the worker enrols again by itself",
			Why: fmt.Sprintf("too many rounds in a row were missed: no work before %s", e.InactiveUntil.UTC().Format(time.RFC3339))}
	}
	bond := run.Spec.BondPerSlot * uint64(t.slots)
	err := t.Chain.Submit(ctx, run.ID, protocol.Enrol{Account: t.Account, Slots: t.slots})
	if err != nil {
		return worker.Joining(err, string(t.Account), run, bond)
	}
	t.Say(&status.Enrolled{Slots: t.slots})
	return nil
}
