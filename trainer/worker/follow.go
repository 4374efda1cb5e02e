package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/trainer/status"
)

// dialTimeout bounds one attempt to reach a worker.
const dialTimeout = 5 * time.Second

// Step acts on what is there. done ends the worker. An error is told and the step is tried again at the next block, unless it
// is Fatal.
type Step func(ctx context.Context, s *Sight) (done bool, err error)

// retry is the pause after a node that did not answer.
const retry = time.Second

// Follow reads the chain at every block and lets step act on it, until step says it is done or ctx ends. Failures to read are
// told and tried again: nothing is lost by waiting.
func (w *Worker) Follow(ctx context.Context, step Step) error {
	height := int64(0)
	for {
		var s *Sight
		err := w.Try("chain", func() (err error) {
			s, err = w.look(ctx, height)
			return err
		})
		done := false
		if s != nil && err == nil {
			height = s.Height
			w.sayPhase(s)
			err = w.Try("step", func() (err error) {
				done, err = step(ctx, s)
				return err
			})
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return unmark(err)
		case done:
			return nil
		case s == nil:
			if err := sleep(ctx, retry); err != nil {
				return err
			}
		}
	}
}

// unmark is the error that was marked as fatal.
func unmark(err error) error {
	var fatal *fatalError
	if errors.As(err, &fatal) {
		return fatal.error
	}
	return err
}

// look waits for a block after the given one and reads the chain.
func (w *Worker) look(ctx context.Context, height int64) (*Sight, error) {
	if err := w.awaitBlock(ctx, height); err != nil {
		return nil, err
	}
	s, err := w.Chain.Sight(ctx, w.Run)
	if errors.Is(err, ErrNoRun) {
		return nil, Fatal(err)
	}
	if err != nil {
		return nil, err
	}
	w.View.Update(s)
	w.dial(ctx, s)
	return s, nil
}

// Stale is the age of the newest block from which a chain is said to stand still.
const Stale = time.Minute

// awaitBlock waits for the next block, and tells when none comes: a halted chain must not look alive.
func (w *Worker) awaitBlock(ctx context.Context, height int64) error {
	c, cancel := context.WithTimeout(ctx, Stale)
	defer cancel()
	err := w.Chain.Next(c, height)
	if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Wait{Why: fmt.Sprintf("the newest block, at height %d, is more than %s old", height, Stale), Err: err, Asap: true,
		Fix: "check that the node is in touch with its peers (weftd status); if it is, the chain has halted"}
}

// dial keeps a connection to every attester that publishes an address.
func (w *Worker) dial(ctx context.Context, s *Sight) {
	var to []peer.AddrInfo
	for _, m := range s.Members {
		if m.Attester && m.Account != w.Account {
			to = append(to, peer.AddrInfo{ID: m.Peer, Addrs: m.Addrs})
		}
	}
	w.Host.Connect(ctx, to, dialTimeout)
}

// phaseTold is what was told of the round under way.
type phaseTold struct {
	round uint64
	phase string
	until time.Time
}

// sayPhase tells when the round under way changes.
func (w *Worker) sayPhase(s *Sight) {
	now := phaseTold{phase: s.State.Run.Phase(nil).String()}
	if r := s.State.Find(s.State.Run.Current); r != nil {
		now = phaseTold{r.Round.Number, r.Round.Phase.String(), r.Round.Deadline}
	}
	if now == w.phase {
		return
	}
	w.phase = now
	e := &status.Phase{At: In(now.round), Phase: now.phase}
	if !now.until.IsZero() {
		e.Deadline = &now.until
	}
	w.Say(e)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
