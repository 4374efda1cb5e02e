package trainer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// job is a round's work in the background.
type job struct {
	*worker.Task
	round    uint64
	deadline *atomic.Int64 // unix nanoseconds of local time; the chain may shorten it
	sending  *atomic.Bool  // a commitment is on its way into a block
}

// train starts the round's work in the background, or tells the work under way of a shorter deadline.
func (t *trainer) train(ctx context.Context, s *worker.Sight, r *protocol.RoundState, part *protocol.Part) error {
	limit := time.Now().Add(r.Round.Deadline.Sub(s.Now)).UnixNano()
	if t.job != nil {
		t.job.deadline.Store(limit)
		return nil
	}
	var todo []uint32
	for _, w := range part.Slots {
		if !w.Committed() {
			todo = append(todo, w.Index)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	start, err := t.Checkpoint(ctx, r.Round.Parent)
	if err != nil {
		return err
	}
	j := &job{round: r.Round.Number, deadline: &atomic.Int64{}, sending: &atomic.Bool{}}
	j.deadline.Store(limit)
	spec, header := s.State.Run.Spec, r.Round
	j.Task = worker.Begin(ctx, func(ctx context.Context) error { return t.work(ctx, j, &spec, &header, start, todo) }, nil)
	t.job = j
	return nil
}

// work trains and commits the given slots one after the other; each gets an equal part of the time that is left.
func (t *trainer) work(ctx context.Context, own *job, spec *protocol.RunSpec, r *protocol.Round, start *checkpoint.Checkpoint,
	todo []uint32) error {
	for i, index := range todo {
		deadline := func() time.Time {
			left := time.Until(time.Unix(0, own.deadline.Load()))
			return time.Now().Add(left / time.Duration(len(todo)-i))
		}
		j := replay.NewJob(spec, r, index, start, t.Train)
		out, err := t.do(ctx, t.pass, j, t.snapshots, t.Store, deadline, func(step uint32, rec replay.StepRecord) {
			t.Say(&status.Step{At: worker.Of(r.Number, index), Step: step, Steps: spec.InnerSteps, Loss: rec.Loss})
		})
		if err != nil {
			return err
		}
		own.sending.Store(true)
		err = t.commit(ctx, r, index, out)
		own.sending.Store(false)
		if err != nil {
			return err
		}
	}
	return nil
}

// commit binds the account to a slot's work.
func (t *trainer) commit(ctx context.Context, r *protocol.Round, index uint32, out *slot.Result) error {
	err := t.Chain.Submit(ctx, r.Run, protocol.CommitWork{Account: t.Account, Round: r.Number, Slot: index, Commit: out.Commit})
	switch {
	case errors.Is(err, protocol.ErrDuplicate):
		t.Say(&status.Problem{At: worker.Of(r.Number, index), Error: "another machine with this key committed first; this one's work is not used",
			Fix: "run one machine for each account; more slots of one machine are --slots"})
	case errors.Is(err, protocol.ErrDeadline) || errors.Is(err, protocol.ErrPhase):
		return fmt.Errorf("round %d slot %d: the commitment came too late and counts as LATE (fix: fewer slots, or a faster machine): %w",
			r.Number, index, err)
	case err != nil:
		return fmt.Errorf("commit: %w", err)
	default:
		t.Host.Offer(out.Commit.Body)
		t.Say(&status.Committed{At: worker.Of(r.Number, index), Steps: out.Commit.Steps, Bytes: len(out.File)})
	}
	return nil
}

// reap collects finished work, and cancels work of a round that is no longer in TRAIN. The last commitment ends TRAIN itself:
// who sent it still waits to see its block then, and hears of it.
func (t *trainer) reap(s *protocol.State) error {
	if t.job == nil {
		return nil
	}
	if r := s.Find(t.job.round); r == nil || r.Round.Phase != protocol.PhaseTrain && !t.job.sending.Load() {
		t.job.Cancel()
	}
	if budget, now := t.snapshots.Shrunk(); now {
		t.Say(&status.Problem{At: worker.In(t.job.round), Error: "the disk is full: from now on snapshots take at most " + status.Bytes(budget),
			Fix: "free some space and start again; until then auditors compute more of it themselves, and audits that were not done go unnoticed"})
	}
	over, err := t.job.Collect()
	if over {
		t.job = nil
	}
	if errors.Is(err, slot.ErrFaulty) {
		return worker.Fatal(err)
	}
	return err
}

// republish is the pause between two announcements of a body that too few attesters have.
const republish = 3 * time.Second

// announcements are what was sent of a round.
type announcements struct {
	round    uint64
	newest   map[uint32]time.Time // by slot
	attempts uint32               // over all rounds, so that each announcement is a new message
}

// publish announces committed bodies until attesters of two thirds of the weight have them.
func (t *trainer) publish(ctx context.Context, r *protocol.RoundState, part *protocol.Part) error {
	if t.sent.round != r.Round.Number {
		t.sent.round, t.sent.newest = r.Round.Number, map[uint32]time.Time{}
	}
	total := r.Round.Weight()
	for i := range part.Slots {
		w := &part.Slots[i]
		if !w.Committed() || protocol.Quorum(w.OkWeight+w.BadWeight, total) || time.Since(t.sent.newest[w.Index]) < republish {
			continue
		}
		body, err := ckpt.GetBytes(t.Store, w.Commit.Body, protocol.MaxBodyBytes)
		if errors.Is(err, ckpt.ErrNotFound) {
			continue // another machine of this account has it
		}
		if err != nil {
			return err
		}
		t.sent.newest[w.Index] = time.Now()
		t.sent.attempts++
		if err := t.Host.Publish(ctx, r.Round.Run, r.Round.Number, w.Index, string(t.Account), t.sent.attempts, body); err != nil {
			return err
		}
		t.Say(&status.Published{At: worker.Of(r.Round.Number, w.Index), Bytes: len(body)})
	}
	return nil
}
