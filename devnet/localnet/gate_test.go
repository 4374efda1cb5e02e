package localnet

import (
	"context"
	"sync"
	"testing"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// gates hold messages of workers back, so that a test meets a round in the phase it wants however fast the machine is.
type gates struct {
	mu    sync.Mutex
	holds map[string]*hold
}

type hold struct {
	which   func(protocol.Event) bool
	once    sync.Once
	reached chan struct{} // closed when the worker stands at the gate
	opened  chan struct{}
}

func newGates() *gates { return &gates{holds: map[string]*hold{}} }

// hold keeps back what a worker is about to send, if which says so, until the worker is stopped or the gate opened.
func (g *gates) hold(worker string, which func(protocol.Event) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds[worker] = &hold{which: which, reached: make(chan struct{}), opened: make(chan struct{})}
}

// open lets everything of a worker pass from now on.
func (g *gates) open(worker string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.holds[worker].opened)
	delete(g.holds, worker)
}

func (g *gates) of(worker string) *hold {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.holds[worker]
}

// wait waits until the worker is held.
func (g *gates) wait(t *testing.T, ctx context.Context, worker string) {
	t.Helper()
	select {
	case <-g.of(worker).reached:
	case <-ctx.Done():
		t.Fatalf("%s never came to the gate", worker)
	}
}

// Wrap is for Options.Wrap.
func (g *gates) Wrap(name string, c worker.Chain) worker.Chain { return gated{c, name, g} }

type gated struct {
	worker.Chain
	worker string
	g      *gates
}

func (c gated) Submit(ctx context.Context, run uint64, events ...protocol.Event) error {
	h := c.g.of(c.worker)
	for _, e := range events {
		if h == nil || !h.which(e) {
			continue
		}
		h.once.Do(func() { close(h.reached) })
		select {
		case <-h.opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return c.Chain.Submit(ctx, run, events...)
}

// commitOf is the commitment of a round, for hold.
func commitOf(round uint64) func(protocol.Event) bool {
	return func(e protocol.Event) bool { c, ok := e.(protocol.CommitWork); return ok && c.Round == round }
}

// voteIn is an attester's blind vote of a round, for hold.
func voteIn(round uint64) func(protocol.Event) bool {
	return func(e protocol.Event) bool { v, ok := e.(protocol.Attest); return ok && v.Round == round }
}
