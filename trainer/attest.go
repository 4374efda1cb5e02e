package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

// witnessEvery is the shortest pause between two witness messages of one round.
const witnessEvery = time.Second

// Attester is a worker beside a validator: it witnesses bodies, votes blindly on the checkpoint that they fold into,
// opens the votes, recomputes what it is asked to, judges disputes, and evaluates. It keeps nothing that it could not compute again from the chain and its store.
type Attester struct {
	Config
	// Stay keeps it there when the run has ended, until the evidence window of the last round is over: a dispute may still
	// need judges.
	Stay bool

	work    *llm.Work
	fetches sync.WaitGroup // in the background
	rounds  map[uint64]*attestation
	task    *task         // audits, evaluations and disputes, in the background
	behind  int           // position among the seats: who opens votes first
	served  digest.Digest // newest checkpoint offered to the others
	offers  bool          // what earlier rounds left is offered
	until   time.Time     // the end of the last round's evidence window, when the run has ended
}

// attestation is what an attester worked out about one round. Tasks read it, steps of the attester write it.
type attestation struct {
	start     *Checkpoint
	first     digest.Digest // leaf 0
	decoded   map[digest.Digest][]float32
	bad       map[uint32]string
	fetching  map[digest.Digest]chan error
	witnessed time.Time
	outcome   *protocol.Outcome
	eval      *protocol.Eval
	findings  map[auditKey]protocol.Finding
	rulings   map[uint32]*protocol.Ruling // by slot
}

// Run follows the chain until the run has ended or ctx is cancelled.
func (a *Attester) Run(ctx context.Context) error {
	a.work, a.rounds = a.Model.NewWork(a.Threads), map[uint64]*attestation{}
	if err := a.Host.Join(a.Config.Run, true); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := a.follow(ctx, a.step)
	cancel()
	a.fetches.Wait()
	if a.task != nil {
		err = errors.Join(err, ignoreCancel(<-a.task.done))
	}
	return err
}

func (a *Attester) step(ctx context.Context, s *protocol.State, now time.Time, ws []Worker) (bool, error) {
	if s.Run.Status == protocol.StatusEnded && len(s.Rounds) == 0 {
		over, err := a.over(ctx, s, now)
		if over || err != nil {
			return over, err
		}
	}
	if err := a.check(&s.Run.Spec, true); err != nil {
		return false, fatal(err)
	}
	if !a.offers {
		if err := a.offerRounds(ctx, s); err != nil {
			return false, err
		}
		a.offers = true
	}
	if err := a.serve(s); err != nil {
		return false, err
	}
	if err := a.ready(ctx, s); err != nil {
		return false, err
	}
	a.forget(s)
	errs := []error{a.collectTask()}
	for i := range s.Rounds {
		r := &s.Rounds[i]
		seat := slices.IndexFunc(r.Round.Seats, func(x protocol.Seat) bool { return x.Account == a.Account })
		if seat < 0 {
			continue
		}
		a.behind = seat
		switch r.Round.Phase {
		case protocol.PhaseTrain:
			errs = append(errs, a.collect(ctx, s, r, ws, false))
		case protocol.PhasePublish:
			errs = append(errs, a.collect(ctx, s, r, ws, true), a.witness(ctx, s, r, now))
		case protocol.PhaseAttest:
			errs = append(errs, a.attest(ctx, s, r, ws))
		case protocol.PhaseReview:
			errs = append(errs, a.audit(ctx, s, r, ws), a.review(ctx, s, r))
		}
		errs = append(errs, a.judge(ctx, s, r, ws))
	}
	return false, errors.Join(errs...)
}

// over says whether nobody can dispute the run any more.
func (a *Attester) over(ctx context.Context, s *protocol.State, now time.Time) (bool, error) {
	if !a.Stay || s.Run.Next < 2 {
		return true, nil
	}
	if a.until.IsZero() {
		last, err := a.Chain.Round(ctx, s.Run.ID, s.Run.Next-1)
		if err != nil {
			return false, err
		}
		a.until = last.Round.Ended.Add(a.Keep)
		a.tell(Note{Kind: "staying", Text: fmt.Sprintf("the run has ended; disputes may need judges until %s", a.until.UTC().Format(time.RFC3339))})
	}
	return !now.Before(a.until), nil
}

// ready tells the chain that this attester holds and serves what the run needs; check has compared the digests.
func (a *Attester) ready(ctx context.Context, s *protocol.State) error {
	e := s.Run.Attester(a.Account)
	if s.Run.Status >= protocol.StatusEnding || e != nil && (e.Ready || e.Leaving) {
		return nil
	}
	if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Ready{Account: a.Account}); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	a.tell(Note{Kind: "ready"})
	return nil
}

// serve offers the newest checkpoint of the chain, if it is here; nothing is offered before FINAL.
func (a *Attester) serve(s *protocol.State) error {
	head := s.Run.Head
	if a.served == head {
		return nil
	}
	if err := a.offerCheckpoint(head); err != nil {
		return err
	}
	if a.Host.Offered(head) {
		a.served = head
	}
	return nil
}

// offerCheckpoint offers a checkpoint's manifest and files, if they are in the store.
func (a *Attester) offerCheckpoint(d digest.Digest) error {
	raw, err := ckpt.GetBytes(a.Store, d, ckpt.MaxManifest)
	if errors.Is(err, ckpt.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return err
	}
	a.Host.Offer(d)
	for _, f := range m.Files {
		a.Host.Offer(f.Digest)
	}
	return nil
}

// forget drops what was worked out about rounds that are over.
func (a *Attester) forget(s *protocol.State) {
	for n := range a.rounds {
		if s.Find(n) == nil {
			delete(a.rounds, n)
		}
	}
}

func (a *Attester) about(ctx context.Context, r *protocol.RoundState) (*attestation, error) {
	at := a.rounds[r.Round.Number]
	if at == nil {
		start, err := a.checkpoint(ctx, r.Round.Parent)
		if err != nil {
			return nil, err
		}
		at = &attestation{start: start, first: FirstLeaf(start), decoded: map[digest.Digest][]float32{}, bad: map[uint32]string{}, fetching: map[digest.Digest]chan error{},
			findings: map[auditKey]protocol.Finding{}, rulings: map[uint32]*protocol.Ruling{}}
		a.rounds[r.Round.Number] = at
	}
	return at, nil
}
