package trainer

import "context"

// task is work in the background: an attester follows the chain while it computes. One at a time, so that audits,
// evaluations and disputes do not take the processor from each other.
type task struct {
	done   chan error
	finish func()
}

// collect takes the result of a finished task; its error is told once, and the work is begun again if it is still needed.
func (a *Attester) collectTask() error {
	if a.task == nil {
		return nil
	}
	select {
	case err := <-a.task.done:
		finish := a.task.finish
		a.task = nil
		if err == nil {
			finish()
		}
		return ignoreCancel(err)
	default:
		return nil
	}
}

// background runs work unless something is running; finish is called by a later step of the attester when it is done.
func (a *Attester) background(ctx context.Context, work func(context.Context) error, finish func()) {
	if a.task != nil {
		return
	}
	t := &task{done: make(chan error, 1), finish: finish}
	a.task = t
	go func() { t.done <- work(ctx) }()
}
