package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// What keeps a worker from joining and is not its own to change is told once, with what ends it; the worker waits, and goes on
// by itself.
func TestWaitsAreToldOnce(t *testing.T) {
	for name, c := range map[string]struct {
		refusal error
		fix     string
	}{
		"no coins": {&worker.ErrFunds{Account: "trainer0", Err: errors.New("spendable balance 0uweft is smaller than 1000uweft")},
			"send 0.001000 WEFT"},
		"jailed":     {fmt.Errorf("%w: trainer0 is jailed", protocol.ErrStanding), "end of its term"},
		"no place":   {fmt.Errorf("%w: run 1 has 1 trainers enrolled", protocol.ErrFull), "weft runs"},
		"cooling":    {fmt.Errorf("%w: may enrol again at noon", protocol.ErrCooldown), "by itself"},
		"not linked": {fmt.Errorf("%w: trainer0 has no weight", protocol.ErrStanding), "weft link"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tinyrun.New(t)
			f.Spec.MinTrainers, f.Spec.Rounds = 1, 1
			s := newSwarm(t, f)
			m := s.machine("trainer0", 0)
			var asked atomic.Int32
			m.client.before = func(_ context.Context, e protocol.Event) error {
				if _, joins := e.(protocol.Enrol); joins && asked.Add(1) <= 2 {
					return c.refusal
				}
				return nil
			}
			as := s.attesters(1)
			s.end(append(as, m.trains(tinyrun.Snapshots(t)))...)
			waits := said[*status.Waiting](s, "trainer0")
			if len(waits) != 1 || !strings.Contains(waits[0].Fix, c.fix) {
				t.Errorf("told %+v", waits)
			}
			if len(said[*status.Resumed](s, "trainer0")) != 1 || len(said[*status.Enrolled](s, "trainer0")) != 1 {
				t.Error("it does not say that it goes on")
			}
		})
	}
}

// A mistake that no waiting mends ends the worker at once, with what to do.
func TestMistakesEndAtOnce(t *testing.T) {
	f := tinyrun.New(t)
	s := newSwarm(t, f)
	m, other := s.machine("trainer0", 0), s.machine("attester0", 10)
	train := func(c worker.Config, slots uint32) error {
		return trainer.Run(s.ctx, trainer.Config{Config: c, Slots: slots, Snapshots: tinyrun.Snapshots(t)})
	}
	for name, c := range map[string]struct {
		err  error
		hint string
	}{
		"no slots":       {train(m.Config, 0), "--slots a number from 1 to 4"},
		"too many slots": {train(m.Config, 5), "--slots a number from 1 to 4"},
	} {
		var op *operror.Error
		if !errors.As(c.err, &op) || !strings.Contains(op.Hint, c.hint) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	other.attests()
	s.until("the attester is ready", func(st *protocol.State) bool { return st.Run.Attester("attester0") != nil })
	var op *operror.Error
	if err := train(other.Config, 1); !errors.As(err, &op) || !strings.Contains(op.Hint, "another account") {
		t.Errorf("an account that attests trains: %v", err)
	}
}

// A worker that is started for a run that has ended says so and ends.
func TestEndedRunIsRefused(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.MinTrainers, f.Spec.Rounds = 1, 1
	s := newSwarm(t, f)
	as := s.attesters(1)
	s.end(append(as, s.trainers(1)...)...)
	s.until("every round is over", func(st *protocol.State) bool { return len(st.Rounds) == 0 })
	for _, err := range []error{
		trainer.Run(s.ctx, trainer.Config{Config: s.machine("late", 0).Config, Slots: 1, Snapshots: tinyrun.Snapshots(t)}),
		attester.Run(s.ctx, attester.Config{Config: s.machine("attester9", 10).Config}),
	} {
		var op *operror.Error
		if !errors.As(err, &op) || !errors.Is(err, worker.ErrEnded) || op.Hint == "" {
			t.Errorf("%v", err)
		}
	}
}
