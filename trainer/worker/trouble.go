package worker

import (
	"context"
	"errors"
	"time"

	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
)

// fatalError ends a worker: trying again cannot help.
type fatalError struct{ error }

func (e *fatalError) Unwrap() error { return e.error }

// Fatal marks an error that trying again cannot mend; a nil error stays nil.
func Fatal(err error) error {
	if err == nil {
		return nil
	}
	return &fatalError{err}
}

// Wait is what keeps an action from being done and is not the worker's to change: it is told once, with the step that ends it,
// and the action is tried again ever more rarely.
type Wait struct {
	Why   string
	Fix   string
	Until time.Time // no use in trying before; zero: not known
	Asap  bool      // tried again at once: the attempt itself waits
	Err   error     // nil: none
}

func (w *Wait) Error() string { return w.Why }

// Unwrap is the refusal behind it.
func (w *Wait) Unwrap() error { return w.Err }

// The pauses between attempts at an action that waits: the first, doubled each time, up to the longest.
const (
	firstPause = time.Second
	longPause  = 30 * time.Second
)

// patience is how long a blob may be on its way before people are told: an attester offers a checkpoint a block after the
// chain has it.
const patience = 15 * time.Second

// trouble is what is known of an action that fails.
type trouble struct {
	said    string    // the newest thing that was told
	waiting bool      // it was a Wait
	since   time.Time // of the first failure in a row
	pause   time.Duration
	next    time.Time // not tried before
}

// Try does one of the worker's actions, unless it waits. What keeps it from being done is told, each thing once. The error is
// one that ends the worker.
func (w *Worker) Try(name string, action func() error) error {
	t := w.troubles[name]
	if t != nil && time.Now().Before(t.next) {
		return nil
	}
	err := action()
	var fatal *fatalError
	if errors.As(err, &fatal) || errors.Is(err, context.Canceled) {
		return err
	}
	if err == nil {
		w.relieve(name)
		return nil
	}
	if t == nil {
		t = &trouble{since: time.Now()}
		w.troubles[name] = t
	}
	t.delay(err)
	w.complain(t, err)
	return nil
}

// delay puts the next attempt off.
func (t *trouble) delay(err error) {
	var wait *Wait
	if !errors.As(err, &wait) || wait.Asap {
		t.pause, t.next = 0, time.Time{} // at the next block
		return
	}
	t.pause = min(max(2*t.pause, firstPause), longPause)
	t.next = time.Now().Add(t.pause)
	if latest := time.Now().Add(longPause); wait.Until.After(t.next) {
		t.next = latest // the chain's clock may differ: not longer than usual
		if wait.Until.Before(latest) {
			t.next = wait.Until
		}
	}
}

// complain tells what is new about a trouble.
func (w *Worker) complain(t *trouble, err error) {
	if errors.Is(err, gossip.ErrNoHolder) && time.Since(t.since) < patience || t.said == err.Error() {
		w.Log.Debug("will try again", "err", err)
		return
	}
	t.said = err.Error()
	var wait *Wait
	if errors.As(err, &wait) {
		t.waiting = true
		w.Say(&status.Waiting{For: wait.Why, Fix: wait.Fix})
		return
	}
	e := &status.Problem{Error: err.Error()}
	var op *operror.Error
	if errors.As(err, &op) {
		e.Fix = op.Hint
	}
	w.Say(e)
}

// relieve forgets a trouble.
func (w *Worker) relieve(name string) {
	t := w.troubles[name]
	if t == nil {
		return
	}
	delete(w.troubles, name)
	if t.waiting {
		w.Say(&status.Resumed{})
	}
}
