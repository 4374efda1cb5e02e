package attester

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Config is what an attester of one run needs.
type Config struct {
	worker.Config
	// Stay keeps it there when the run has ended, until the evidence window of the last round is over: a dispute may still
	// need judges.
	Stay bool
}

// attester follows one run.
type attester struct {
	*worker.Worker
	stay bool

	pass    replay.Pass
	fetches sync.WaitGroup // in the background
	rounds  map[uint64]*roundWork
	task    *worker.Task  // audits, evaluations and disputes: one at a time, so that they do not take the processor from each other
	seat    int           // position among the seats: who opens votes first
	served  digest.Digest // newest checkpoint offered to the others
	offered bool          // what earlier rounds left is offered
	worked  bool          // the run had not ended when it was first looked at
	until   time.Time     // the end of the last round's evidence window, when the run has ended
}

// roundWork is what an attester worked out about one round. Tasks read it, steps of the attester write it.
type roundWork struct {
	start     *checkpoint.Checkpoint
	first     digest.Digest               // leaf 0
	changes   map[digest.Digest][]float32 // decoded deltas, by the digest of their files
	bad       map[uint32]string           // why a slot's delta is invalid
	fetching  map[digest.Digest]*worker.Task
	witnessed time.Time
	outcome   *protocol.Outcome
	eval      *protocol.Eval
	findings  map[auditKey]protocol.Finding
	rulings   map[uint32]*protocol.Ruling // by slot
}

// Run follows the chain until the run has ended or ctx is cancelled.
func Run(ctx context.Context, c Config) error {
	a := &attester{Worker: worker.New(c.Config), stay: c.Stay, rounds: map[uint64]*roundWork{}}
	if err := a.Host.Join(c.Run, true); err != nil {
		return err
	}
	a.pass = a.NewPass()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := a.Follow(ctx, a.step)
	cancel()
	a.fetches.Wait()
	return errors.Join(err, a.task.Stop())
}

func (a *attester) step(ctx context.Context, s *worker.Sight) (bool, error) {
	run := &s.State.Run
	if run.Status == protocol.StatusEnded && len(s.State.Rounds) == 0 {
		if over, err := a.over(ctx, s); over || err != nil {
			return over, err
		}
	}
	a.worked = true
	if err := a.Check(&run.Spec, true); err != nil {
		return false, err
	}
	if err := a.offer(ctx, s.State); err != nil {
		return false, err
	}
	if err := a.Try("ready", func() error { return a.ready(ctx, run) }); err != nil {
		return false, err
	}
	a.forget(s.State)
	errs := []error{a.collect()}
	for i := range s.State.Rounds {
		r := &s.State.Rounds[i]
		seat := slices.IndexFunc(r.Round.Seats, func(x protocol.Seat) bool { return x.Account == a.Account })
		if seat < 0 {
			continue
		}
		a.seat = seat
		switch r.Round.Phase {
		case protocol.PhaseTrain:
			errs = append(errs, a.takeAll(ctx, s, r, false))
		case protocol.PhasePublish:
			errs = append(errs, a.takeAll(ctx, s, r, true), a.witness(ctx, s, r))
		case protocol.PhaseAttest:
			errs = append(errs, a.attest(ctx, s, r))
		case protocol.PhaseReview:
			errs = append(errs, a.audit(ctx, s, r), a.review(ctx, s, r))
		}
		errs = append(errs, a.judge(ctx, s, r))
	}
	return false, errors.Join(errs...)
}

// over says whether nobody can dispute the run any more.
func (a *attester) over(ctx context.Context, s *worker.Sight) (bool, error) {
	run := &s.State.Run
	if a.stay && run.Next >= 2 && a.until.IsZero() {
		last, err := a.Chain.Round(ctx, run.ID, run.Next-1)
		if err != nil {
			return false, err
		}
		a.until = last.Round.Ended.Add(a.Keep)
		if s.Now.Before(a.until) {
			a.Say(&status.Staying{Until: a.until})
		}
	}
	if s.Now.Before(a.until) {
		return false, nil
	}
	if !a.worked {
		return false, worker.Fatal(&operror.Error{Op: "attest run", Ref: fmt.Sprint(run.ID), Err: worker.ErrEnded, Hint: worker.RunsHint})
	}
	return true, nil
}

// ready tells the chain that this attester holds and serves what the run needs; Check has compared the digests.
func (a *attester) ready(ctx context.Context, run *protocol.Run) error {
	if run.Trainer(a.Account) != nil {
		return worker.OtherRole(string(a.Account), run, "train")
	}
	e := run.Attester(a.Account)
	if run.Status >= protocol.StatusEnding || e != nil && (e.Ready || e.Leaving) {
		return nil
	}
	if err := a.Chain.Submit(ctx, run.ID, protocol.Ready{Account: a.Account}); err != nil {
		return worker.Joining(err, string(a.Account), run, run.Spec.BondPerSlot)
	}
	a.Say(&status.Ready{})
	return nil
}

// forget drops what was worked out about rounds that are over.
func (a *attester) forget(s *protocol.State) {
	for n := range a.rounds {
		if s.Find(n) == nil {
			delete(a.rounds, n)
		}
	}
}

func (a *attester) about(ctx context.Context, r *protocol.RoundState) (*roundWork, error) {
	w := a.rounds[r.Round.Number]
	if w == nil {
		start, err := a.Checkpoint(ctx, r.Round.Parent)
		if err != nil {
			return nil, err
		}
		w = &roundWork{start: start, first: replay.FirstLeaf(start), changes: map[digest.Digest][]float32{}, bad: map[uint32]string{},
			fetching: map[digest.Digest]*worker.Task{}, findings: map[auditKey]protocol.Finding{}, rulings: map[uint32]*protocol.Ruling{}}
		a.rounds[r.Round.Number] = w
	}
	return w, nil
}

// collect takes the result of a finished task; its error is told once, and the work is begun again if it is still needed.
func (a *attester) collect() error {
	if a.task == nil {
		return nil
	}
	over, err := a.task.Collect()
	if over {
		a.task = nil
	}
	return err
}

// background runs work unless something is running.
func (a *attester) background(ctx context.Context, work func(context.Context) error, finish func()) {
	if a.task == nil {
		a.task = worker.Begin(ctx, work, finish)
	}
}
