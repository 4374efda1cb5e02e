package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

// witnessEvery is the shortest pause between two witness messages of one round.
const witnessEvery = time.Second

// Attester is a worker beside a validator: it witnesses bodies, votes blindly on the checkpoint that they fold into,
// opens the votes, and evaluates. It keeps nothing that it could not compute again from the chain and its store.
type Attester struct {
	Config

	work    *llm.Work
	fetches sync.WaitGroup // in the background
	rounds  map[uint64]*attestation
	eval    *evaluation // one at a time, in the background
	behind  int         // position among the seats: who opens votes first
	served  ckpt.Digest // newest checkpoint offered to the others
}

// attestation is what an attester worked out about one round.
type attestation struct {
	start     *Checkpoint
	first     ckpt.Digest // leaf 0
	decoded   map[ckpt.Digest][]float32
	bad       map[uint32]string
	fetching  map[ckpt.Digest]chan error
	witnessed time.Time
	outcome   *protocol.Outcome
	eval      *protocol.Eval
}

type evaluation struct {
	round  uint64
	done   chan error
	result protocol.Eval
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
	if a.eval != nil {
		err = errors.Join(err, ignoreCancel(<-a.eval.done))
	}
	return err
}

func (a *Attester) step(ctx context.Context, s *protocol.State, now time.Time, ws []Worker) (bool, error) {
	if s.Run.Status == protocol.StatusEnded {
		return true, nil
	}
	if err := a.check(&s.Run.Spec, true); err != nil {
		return false, fatal(err)
	}
	if err := a.serve(s); err != nil {
		return false, err
	}
	if err := a.ready(ctx, s); err != nil {
		return false, err
	}
	a.forget(s)
	var errs []error
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
			errs = append(errs, a.review(ctx, s, r))
		}
	}
	return false, errors.Join(errs...)
}

// ready tells the chain that this attester holds and serves what the run needs; check has compared the digests.
func (a *Attester) ready(ctx context.Context, s *protocol.State) error {
	e := s.Run.Attester(a.Account)
	if s.Run.Status == protocol.StatusEnding || e != nil && (e.Ready || e.Leaving) {
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
	head := ckpt.Digest(s.Run.Head)
	if a.served == head {
		return nil
	}
	raw, err := ckpt.GetBytes(a.Store, head, ckpt.MaxManifest)
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
	a.Host.Offer(head)
	for _, f := range m.Files {
		a.Host.Offer(f.Digest)
	}
	a.served = head
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
		start, err := a.checkpoint(ctx, ckpt.Digest(r.Round.Parent))
		if err != nil {
			return nil, err
		}
		at = &attestation{start: start, first: FirstLeaf(start), decoded: map[ckpt.Digest][]float32{}, bad: map[uint32]string{}, fetching: map[ckpt.Digest]chan error{}}
		a.rounds[r.Round.Number] = at
	}
	return at, nil
}

// collect checks the committed bodies that have come, and fetches in the background those that have not (fetch: also
// right away, because the round waits for them).
func (a *Attester) collect(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker, fetch bool) error {
	at, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, w := range p.Slots {
			if !w.Committed() || at.decoded[ckpt.Digest(w.Commit.Body)] != nil || at.bad[w.Index] != "" {
				continue
			}
			if err := a.take(ctx, s, at, p.Trainer, w, ws, fetch); err != nil {
				return err
			}
		}
	}
	return nil
}

// take checks one committed body if it is in the store.
func (a *Attester) take(ctx context.Context, s *protocol.State, at *attestation, trainer protocol.Account, w protocol.SlotWork, ws []Worker, fetch bool) error {
	d := ckpt.Digest(w.Commit.Body)
	file, err := ckpt.GetBytes(a.Store, d, protocol.MaxBodyBytes)
	if errors.Is(err, ckpt.ErrDamaged) { // as good as absent: it is fetched again
		if err := a.Store.Delete(d); err != nil {
			return err
		}
	}
	if errors.Is(err, ckpt.ErrNotFound) || errors.Is(err, ckpt.ErrDamaged) {
		if fetch {
			a.fetch(ctx, at, d, w.Commit.Size, trainer, ws)
		}
		return nil
	}
	if err != nil {
		return err
	}
	x, err := CheckBody(&s.Run.Spec, at.start, at.first, w.Commit, file)
	if err != nil {
		at.bad[w.Index] = err.Error()
		a.tell(Note{Kind: "problem", Slot: w.Index, Text: fmt.Sprintf("body of %s is invalid: %v", trainer, err)})
		return nil
	}
	at.decoded[d] = x
	a.Host.Offer(d)
	return nil
}

// fetch starts one background fetch of a body, from its trainer first.
func (a *Attester) fetch(ctx context.Context, at *attestation, d ckpt.Digest, size uint64, trainer protocol.Account, ws []Worker) {
	if c := at.fetching[d]; c != nil {
		select {
		case err := <-c:
			a.Log.Debug("a body was not to be had", "body", d, "err", err)
		default:
			return
		}
	}
	var prefer []peer.ID
	for _, w := range ws {
		if w.Account == trainer {
			prefer = append(prefer, w.Peer)
		}
	}
	c := make(chan error, 1)
	at.fetching[d] = c
	a.fetches.Go(func() { c <- a.Host.Fetch(ctx, d, size, prefer...) })
}

// witness tells the chain what was found so far: at once when every commitment is judged, else now and then, and in any
// case before the phase ends, since silence counts as absence.
func (a *Attester) witness(ctx context.Context, s *protocol.State, r *protocol.RoundState, now time.Time) error {
	at := a.rounds[r.Round.Number]
	if at == nil {
		return nil
	}
	var ok, bad []uint32
	missing := 0
	for i := range r.Parts {
		for _, w := range r.Parts[i].Slots {
			switch {
			case !w.Committed():
			case at.bad[w.Index] != "":
				bad = append(bad, w.Index)
			case at.decoded[ckpt.Digest(w.Commit.Body)] != nil:
				ok = append(ok, w.Index)
			default:
				missing++
			}
		}
	}
	slices.Sort(ok)
	slices.Sort(bad)
	v := voteOf(r, a.Account)
	if v.Witnessed && len(v.Ok) == len(ok) && len(v.Bad) == len(bad) {
		return nil
	}
	late := r.Round.Deadline.Sub(now) < s.Run.Spec.PublishTime/4
	if missing > 0 && !late && time.Since(at.witnessed) < witnessEvery || missing > 0 && !late && len(ok)+len(bad) == 0 {
		return nil
	}
	at.witnessed = time.Now()
	if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Witness{Account: a.Account, Round: r.Round.Number, Ok: ok, Bad: bad}); err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	a.tell(Note{Kind: "witnessed", Round: r.Round.Number, Text: fmt.Sprintf("%d complete, %d invalid, %d missing", len(ok), len(bad), missing)})
	return nil
}

// voteOf is the attester's vote in a round; an empty one if there is none.
func voteOf(r *protocol.RoundState, a protocol.Account) protocol.Vote {
	for _, v := range r.Votes {
		if v.Attester == a {
			return v
		}
	}
	return protocol.Vote{}
}

// attest votes blindly on the round's outcome, and opens the votes when two thirds have voted.
func (a *Attester) attest(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) error {
	o, err := a.outcome(ctx, s, r, ws)
	if err != nil || o == nil {
		return err
	}
	if v := voteOf(r, a.Account); v.Blind.IsZero() {
		blind := protocol.Blind(a.Account, s.Run.ID, r.Round.Number, o.Checkpoint, o.Root())
		if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Attest{Account: a.Account, Round: r.Round.Number, Blind: blind}); err != nil {
			return fmt.Errorf("attest: %w", err)
		}
		a.tell(Note{Kind: "voted", Round: r.Round.Number, Text: ckpt.Digest(o.Checkpoint).Short()})
		return nil
	}
	if r.Round.Opened || !a.turn(&r.Round) {
		return nil
	}
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Reveal{Account: a.Account, Round: r.Round.Number, Outcome: *o})
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil // at a later block, or another attester was first
	}
	if err != nil {
		return fmt.Errorf("reveal: %w", err)
	}
	a.tell(Note{Kind: "revealed", Round: r.Round.Number, Text: ckpt.Digest(o.Checkpoint).String()})
	return nil
}

// turn spreads the opening of votes: the first seat at once, each further one a moment later, so that all of them do not
// send the same transaction.
func (a *Attester) turn(r *protocol.Round) bool {
	return !r.QuorumAt.IsZero() && time.Since(r.QuorumAt) >= time.Duration(a.behind)*2*time.Second
}

// outcome folds the included bodies; nil while one of them is still missing here.
func (a *Attester) outcome(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) (*protocol.Outcome, error) {
	at, err := a.about(ctx, r)
	if err != nil || at.outcome != nil {
		return at.safeOutcome(), err
	}
	if err := a.collect(ctx, s, r, ws, true); err != nil {
		return nil, err
	}
	spec := &s.Run.Spec
	o := &protocol.Outcome{}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, w := range p.Slots {
			j := NewJob(spec, &r.Round, w.Index, at.start, a.Train)
			o.AssignedTokens += j.Tokens(spec.InnerSteps)
			if _, in := slices.BinarySearch(r.Round.Included, w.Index); !in {
				continue
			}
			if at.decoded[ckpt.Digest(w.Commit.Body)] == nil {
				return nil, nil
			}
			o.Contributions = append(o.Contributions, protocol.Contribution{Trainer: p.Trainer, Slot: w.Index, Delta: w.Commit.Body, Steps: w.Commit.Steps, Tokens: j.Tokens(w.Commit.Steps)})
		}
	}
	slices.SortFunc(o.Contributions, func(x, y protocol.Contribution) int { return int(int64(x.Slot) - int64(y.Slot)) })
	next, err := Fold(a.Store, at.start, spec, s.Run.ID, r.Round.Number, o.Contributions, at.decoded)
	if err != nil {
		return nil, fmt.Errorf("round %d cannot be folded: %w", r.Round.Number, err)
	}
	o.Checkpoint, o.Size = protocol.Digest(next.Digest), next.Size()
	at.outcome = o
	return o, nil
}

func (at *attestation) safeOutcome() *protocol.Outcome {
	if at == nil {
		return nil
	}
	return at.outcome
}

// review evaluates the round's checkpoint in the background, votes, and opens the votes.
func (a *Attester) review(ctx context.Context, s *protocol.State, r *protocol.RoundState) error {
	if !r.Round.EvalDue || r.Round.Eval.Reported {
		return nil
	}
	v, err := a.evaluate(ctx, s, r)
	if err != nil || v == nil {
		return err
	}
	n, cp := r.Round.Number, r.Round.Result.Checkpoint
	if voteOf(r, a.Account).Review.IsZero() {
		blind := protocol.EvalBlind(a.Account, s.Run.ID, n, cp, v.MicroNats, v.Tokens)
		if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Review{Account: a.Account, Round: n, Blind: blind}); err != nil {
			return fmt.Errorf("review: %w", err)
		}
		a.tell(Note{Kind: "evaluated", Round: n, Loss: float64(v.MicroNats) / 1e6})
		return nil
	}
	if !a.turn(&r.Round) {
		return nil
	}
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Report{Account: a.Account, Round: n, MicroNats: v.MicroNats, Tokens: v.Tokens})
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	a.tell(Note{Kind: "reported", Round: n, Loss: float64(v.MicroNats) / 1e6})
	return nil
}

// evaluate returns the evaluation of a round's checkpoint, or nil while it is being computed.
func (a *Attester) evaluate(ctx context.Context, s *protocol.State, r *protocol.RoundState) (*protocol.Eval, error) {
	at, err := a.about(ctx, r)
	if err != nil || at.eval != nil {
		return at.safeEval(), err
	}
	if e := a.eval; e != nil {
		select {
		case err := <-e.done:
			a.eval = nil
			if err != nil {
				return nil, err
			}
			if done := a.rounds[e.round]; done != nil {
				done.eval = &e.result
			}
			return at.safeEval(), nil
		default:
			return nil, nil
		}
	}
	cp, err := a.checkpoint(ctx, ckpt.Digest(r.Round.Result.Checkpoint))
	if err != nil {
		return nil, err
	}
	e := &evaluation{round: r.Round.Number, done: make(chan error, 1)}
	a.eval = e
	seq := int(s.Run.Spec.SeqLen)
	go func() {
		n, tokens, err := Evaluate(ctx, a.work, cp.Adapter, a.Eval, seq)
		e.result = protocol.Eval{MicroNats: n, Tokens: tokens}
		e.done <- err
	}()
	return nil, nil
}

func (at *attestation) safeEval() *protocol.Eval {
	if at == nil {
		return nil
	}
	return at.eval
}
