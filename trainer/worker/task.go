package worker

import (
	"context"
	"errors"
)

// Task is work in the background of a loop: one step begins it, a later one collects it.
type Task struct {
	cancel context.CancelFunc
	done   chan error // holds the result once it is there
	finish func()
}

// Begin runs work in the background. finish (nil: none) is called by Collect when work ended without an error, so that what
// it found is handed over to the loop's goroutine.
func Begin(ctx context.Context, work func(context.Context) error, finish func()) *Task {
	ctx, cancel := context.WithCancel(ctx)
	t := &Task{cancel: cancel, done: make(chan error, 1), finish: finish}
	go func() { t.done <- work(ctx) }()
	return t
}

// Collect says whether the work is over, and gives its error then, once. A task that was cancelled has none.
func (t *Task) Collect() (over bool, err error) {
	select {
	case err := <-t.done:
		return true, t.end(err)
	default:
		return false, nil
	}
}

// Cancel asks the work to end.
func (t *Task) Cancel() { t.cancel() }

// Stop cancels the work and waits for its end. A nil task is over.
func (t *Task) Stop() error {
	if t == nil {
		return nil
	}
	t.cancel()
	err := <-t.done
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (t *Task) end(err error) error {
	t.cancel()
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err == nil && t.finish != nil:
		t.finish()
	}
	return err
}
