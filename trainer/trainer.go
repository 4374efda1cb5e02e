package trainer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

// republish is the pause between two announcements of a body that too few attesters have.
const republish = 3 * time.Second

// Trainer trains an account's slots of a run, round after round. Between rounds it keeps nothing: a restart, or another
// machine with the same key, goes on from the chain.
type Trainer struct {
	Config
	Slots  uint32
	States *States
	// Do does the work of one slot; nil: RunSlot. Tests put workers that lie here.
	Do SlotFunc

	work     *llm.Work
	job      *running             // the round being trained
	sent     map[uint32]time.Time // newest announcement of each slot of the current round
	attempts uint32
	round    uint64
	checked  map[uint64]bool // rounds of which the auditors' verdicts were looked at
	barred   time.Time       // convicted or refused: no use in asking to enrol before
}

// running is a round's work in the background.
type running struct {
	round    uint64
	deadline atomic.Int64 // unix nanoseconds of local time; the chain may shorten it
	cancel   context.CancelFunc
	done     chan error
}

// Run follows the chain until the run has ended or ctx is cancelled.
func (t *Trainer) Run(ctx context.Context) error {
	t.work, t.sent = t.Model.NewWork(t.Threads), map[uint32]time.Time{}
	t.checked = map[uint64]bool{}
	if t.Do == nil {
		t.Do = RunSlot
	}
	if err := t.Host.Join(t.Config.Run, false); err != nil {
		return err
	}
	t.Host.ServeStates(t.States.Serve)
	err := t.follow(ctx, t.step)
	if t.job != nil {
		t.job.cancel()
		err = errors.Join(err, ignoreCancel(<-t.job.done))
	}
	return err
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (t *Trainer) step(ctx context.Context, s *protocol.State, now time.Time, _ []Worker) (bool, error) {
	rounds, err := t.States.Rounds(s.Run.ID)
	if err != nil {
		return false, err
	}
	if s.Run.Status == protocol.StatusEnded && len(s.Rounds) == 0 {
		return true, t.expose(ctx, s, rounds) // those who audited the last round
	}
	if err := t.check(&s.Run.Spec, false); err != nil {
		return false, fatal(err)
	}
	if err := t.enrol(ctx, s, now); err != nil {
		return false, err
	}
	if err := t.reap(s); err != nil {
		return false, err
	}
	err = t.expose(ctx, s, rounds) // whatever is wrong with old rounds, the work goes on
	t.sweep(s, rounds)
	return false, errors.Join(err, t.current(ctx, s, now))
}

// current does what the round under way asks of this trainer.
func (t *Trainer) current(ctx context.Context, s *protocol.State, now time.Time) error {
	r := s.Find(s.Run.Current)
	if r == nil {
		return nil
	}
	part := partOf(r, t.Account)
	if part == nil || !part.Selected() {
		return nil
	}
	switch r.Round.Phase {
	case protocol.PhaseTrain:
		if err := t.train(ctx, s, r, part, now); err != nil {
			return err
		}
		return t.publish(ctx, r, part)
	case protocol.PhasePublish:
		return t.publish(ctx, r, part)
	}
	return nil
}

func partOf(r *protocol.RoundState, a protocol.Account) *protocol.Part {
	for i := range r.Parts {
		if r.Parts[i].Trainer == a {
			return &r.Parts[i]
		}
	}
	return nil
}

// enrol offers the account's slots, at first and after a cool-down.
func (t *Trainer) enrol(ctx context.Context, s *protocol.State, now time.Time) error {
	e := s.Run.Trainer(t.Account)
	if s.Run.Status >= protocol.StatusEnding || now.Before(t.barred) || e != nil && (e.Leaving || !e.Inactive && e.Slots == t.Slots || e.Inactive && now.Before(e.InactiveUntil)) {
		return nil
	}
	if err := t.Chain.Submit(ctx, s.Run.ID, protocol.Enrol{Account: t.Account, Slots: t.Slots}); err != nil {
		if errors.Is(err, protocol.ErrStanding) {
			t.barred = now.Add(patience) // jailed, perhaps for days: asking at every block helps nobody
		}
		return fmt.Errorf("enrol: %w", err)
	}
	t.tell(Note{Kind: "enrolled", Text: fmt.Sprintf("%d slots", t.Slots)})
	return nil
}

// train starts the round's work in the background, or tells the work under way of a shorter deadline.
func (t *Trainer) train(ctx context.Context, s *protocol.State, r *protocol.RoundState, part *protocol.Part, now time.Time) error {
	limit := time.Now().Add(r.Round.Deadline.Sub(now))
	if t.job != nil {
		t.job.deadline.Store(limit.UnixNano())
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
	start, err := t.checkpoint(ctx, r.Round.Parent)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &running{round: r.Round.Number, cancel: cancel, done: make(chan error, 1)}
	j.deadline.Store(limit.UnixNano())
	t.job = j
	spec, header := s.Run.Spec, r.Round
	go func() { j.done <- t.slots(ctx, j, &spec, &header, start, todo) }()
	return nil
}

// slots trains and commits the given slots one after the other; each gets an equal part of the time that is left.
func (t *Trainer) slots(ctx context.Context, j *running, spec *protocol.RunSpec, r *protocol.Round, start *Checkpoint, todo []uint32) error {
	for i, slot := range todo {
		deadline := func() time.Time {
			left := time.Until(time.Unix(0, j.deadline.Load()))
			return time.Now().Add(left / time.Duration(len(todo)-i))
		}
		job := NewJob(spec, r, slot, start, t.Train)
		out, err := t.Do(ctx, t.work, job, t.States, t.Store, deadline, func(step uint32, rec StepRecord) {
			t.tell(Note{Kind: "step", Round: r.Number, Slot: slot, Step: step, Loss: rec.Loss})
		})
		if err != nil {
			return err
		}
		err = t.Chain.Submit(ctx, r.Run, protocol.CommitWork{Account: t.Account, Round: r.Number, Slot: slot, Commit: out.Commit})
		switch {
		case errors.Is(err, protocol.ErrDuplicate):
			t.tell(Note{Kind: "problem", Round: r.Number, Slot: slot, Text: "another machine with this key committed first; this one's work is not used"})
		case errors.Is(err, protocol.ErrDeadline) || errors.Is(err, protocol.ErrPhase):
			return fmt.Errorf("round %d slot %d: the commitment came too late and counts as LATE (fix: fewer slots, or a faster machine): %w", r.Number, slot, err)
		case err != nil:
			return fmt.Errorf("commit: %w", err)
		default:
			t.Host.Offer(out.Commit.Body)
			t.tell(Note{Kind: "committed", Round: r.Number, Slot: slot, Step: out.Commit.Steps, Bytes: len(out.File)})
		}
	}
	return nil
}

// reap collects finished work, and cancels work of a round that is no longer in TRAIN.
func (t *Trainer) reap(s *protocol.State) error {
	if t.job == nil {
		return nil
	}
	if r := s.Find(t.job.round); r == nil || r.Round.Phase != protocol.PhaseTrain {
		t.job.cancel()
	}
	select {
	case err := <-t.job.done:
		t.job.cancel()
		t.job = nil
		if errors.Is(err, ErrFaulty) {
			return fatal(err)
		}
		return ignoreCancel(err)
	default:
		return nil
	}
}

// publish announces committed bodies until attesters of two thirds of the weight have them.
func (t *Trainer) publish(ctx context.Context, r *protocol.RoundState, part *protocol.Part) error {
	if t.round != r.Round.Number {
		t.round, t.sent = r.Round.Number, map[uint32]time.Time{}
	}
	total := r.Round.Weight()
	for i := range part.Slots {
		w := &part.Slots[i]
		if !w.Committed() || protocol.Quorum(w.OkWeight+w.BadWeight, total) || time.Since(t.sent[w.Index]) < republish {
			continue
		}
		body, err := ckpt.GetBytes(t.Store, w.Commit.Body, protocol.MaxBodyBytes)
		if errors.Is(err, ckpt.ErrNotFound) {
			continue // another machine of this account has it
		}
		if err != nil {
			return err
		}
		t.sent[w.Index] = time.Now()
		t.attempts++
		if err := t.Host.Publish(ctx, r.Round.Run, r.Round.Number, w.Index, string(t.Account), t.attempts, body); err != nil {
			return err
		}
		t.tell(Note{Kind: "published", Round: r.Round.Number, Slot: w.Index, Bytes: len(body)})
	}
	return nil
}

// sweep marks the rounds that are over, and forgets those whose evidence window is.
func (t *Trainer) sweep(s *protocol.State, rounds []uint64) {
	var err error
	for _, n := range rounds {
		if s.Find(n) == nil {
			err = errors.Join(err, t.States.Settle(s.Run.ID, n))
		}
	}
	if err = errors.Join(err, t.States.Sweep(s.Run.ID, t.Keep)); err != nil {
		t.Log.Warn("old states stay on disk", "err", err)
	}
}
