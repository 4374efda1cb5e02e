package worker_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// blockTime is the pause between two blocks of a fake chain.
const blockTime = 20 * time.Millisecond

// fakeChain is a chain in memory: the rules, with blocks in real time. Messages of one block share its time.
type fakeChain struct {
	t *testing.T

	mu      sync.Mutex
	state   *protocol.State
	past    map[uint64]protocol.RoundState // settled and void rounds
	weights map[protocol.Account]uint64
	workers []worker.Member
	pending []pendingTx
	steps   []protocol.Step
	now     time.Time
	height  int64
	wake    chan struct{} // closed by the next block
	stop    chan struct{}
	stopped sync.WaitGroup
}

type pendingTx struct {
	events []protocol.Event
	done   chan error
}

func newFakeChain(t *testing.T, spec protocol.RunSpec, head digest.Digest) *fakeChain {
	t.Helper()
	s, _, err := protocol.Open(1, spec, head, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := &fakeChain{t: t, state: s, past: map[uint64]protocol.RoundState{}, weights: map[protocol.Account]uint64{}, now: time.Now(), height: 1,
		wake: make(chan struct{}), stop: make(chan struct{})}
	c.stopped.Go(c.blocks)
	t.Cleanup(func() {
		close(c.stop)
		c.stopped.Wait()
	})
	return c
}

// blocks makes blocks until the test ends.
func (c *fakeChain) blocks() {
	for {
		select {
		case <-c.stop:
			return
		case <-time.After(blockTime):
			if err := c.block(); err != nil {
				c.t.Error(err)
				return
			}
		}
	}
}

func (c *fakeChain) block() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Now().Round(0)
	c.height++
	for _, tx := range c.pending {
		var err error
		for _, e := range tx.events {
			c.load(e)
			var steps []protocol.Step
			if steps, err = c.state.Apply(c.now, world{c}, e); err != nil {
				break
			}
			c.steps = append(c.steps, steps...)
		}
		tx.done <- err
	}
	c.pending = nil
	steps, err := c.state.Advance(c.now, world{c})
	if err != nil {
		return err
	}
	c.steps = append(c.steps, steps...)
	c.state.Rounds = slices.DeleteFunc(c.state.Rounds, func(r protocol.RoundState) bool {
		if !r.Round.Phase.Live() {
			c.past[r.Round.Number] = r
		}
		return !r.Round.Phase.Live()
	})
	e := c.state.Run.Escrow
	if sum := e.Free + e.Reserved + e.Owed + e.Refunded; sum != c.state.Run.Spec.Budget {
		return fmt.Errorf("escrow %+v does not add up to the budget", e)
	}
	close(c.wake)
	c.wake = make(chan struct{})
	return nil
}

// load takes up a round that is over and is disputed.
func (c *fakeChain) load(e protocol.Event) {
	d, ok := e.(protocol.DisputeWork)
	if r, over := c.past[d.Round]; ok && over {
		delete(c.past, d.Round)
		c.state.Rounds = append(c.state.Rounds, r)
		slices.SortFunc(c.state.Rounds, func(a, b protocol.RoundState) int { return cmp.Compare(a.Round.Number, b.Round.Number) })
	}
}

// world answers for the rest of a fake chain; its lock is held by block.
type world struct{ c *fakeChain }

func (w world) Standing(a protocol.Account) (bool, time.Time, error) {
	return slices.ContainsFunc(w.c.workers, func(x worker.Member) bool { return x.Account == a }), time.Time{}, nil
}
func (w world) Weight(a protocol.Account) (uint64, error) { return w.c.weights[a], nil }
func (w world) BlockHash() digest.Digest {
	return digest.Digest{byte(w.c.height), byte(w.c.height >> 8)}
}
func (w world) Terms() (protocol.Terms, error) {
	return protocol.Terms{EvidenceWindow: tinyrun.Hour, Deposit: 1000, Fine: 1000}, nil
}
func (w world) Model() (protocol.ModelInfo, error) {
	return protocol.ModelInfo{Name: w.c.state.Run.Spec.Model, Owner: "owner", MaxShares: 1 << 20, SharesLeft: 1 << 20}, nil
}

// register makes a worker known; an attester has a weight.
func (c *fakeChain) register(w worker.Member, weight uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers, c.weights[w.Account] = append(c.workers, w), weight
}

// at is a copy of what the chain knows now.
func (c *fakeChain) at() (*protocol.State, time.Time, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return clone(c.t, c.state), c.now, c.height
}

func clone[T any](t *testing.T, x *T) *T {
	b, err := json.Marshal(x)
	if err != nil {
		t.Error(err)
	}
	out := new(T)
	if err := json.Unmarshal(b, out); err != nil {
		t.Error(err)
	}
	return out
}

// over is a round that is settled or void.
func (c *fakeChain) over(number uint64) *protocol.RoundState {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.past[number]
	if !ok {
		c.t.Fatalf("round %d is not over", number)
	}
	return clone(c.t, &r)
}

// client is a worker's window on a fake chain. before may delay or refuse what is sent.
type client struct {
	*fakeChain
	before func(context.Context, protocol.Event) error
	slow   *rand.Rand // now and then, what is sent is late
	rolls  sync.Mutex
}

// delay is how long something that is sent is on its way.
func (c *client) delay() time.Duration {
	if c.slow == nil {
		return 0
	}
	c.rolls.Lock()
	defer c.rolls.Unlock()
	if c.slow.IntN(4) > 0 {
		return 0
	}
	return time.Duration(c.slow.IntN(700)) * time.Millisecond
}

func (c *client) Sight(context.Context, uint64) (*worker.Sight, error) {
	s, now, h := c.at()
	c.mu.Lock()
	defer c.mu.Unlock()
	return &worker.Sight{Height: h, Now: now, State: s, Members: slices.Clone(c.workers)}, nil
}

func (c *client) Round(_ context.Context, _, number uint64) (*protocol.RoundState, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.state.Find(number); r != nil {
		return clone(c.t, r), nil
	}
	r, ok := c.past[number]
	if !ok {
		return nil, fmt.Errorf("no round %d", number)
	}
	return clone(c.t, &r), nil
}

func (c *client) Submit(ctx context.Context, _ uint64, events ...protocol.Event) error {
	for _, e := range events {
		if c.before == nil {
			break
		}
		if err := c.before(ctx, e); err != nil {
			return err
		}
	}
	select {
	case <-time.After(c.delay()):
	case <-ctx.Done():
		return ctx.Err()
	}
	tx := pendingTx{events, make(chan error, 1)}
	c.mu.Lock()
	c.pending = append(c.pending, tx)
	c.mu.Unlock()
	select {
	case err := <-tx.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *client) Next(ctx context.Context, height int64) error {
	for {
		c.mu.Lock()
		h, wake := c.height, c.wake
		c.mu.Unlock()
		if h > height {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
