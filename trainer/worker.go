package trainer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/x/round/protocol"
)

// Chain is a worker's window on the chain. Package trainer/chain implements it over a node; tests over the rules alone.
type Chain interface {
	// State reads a run with its live rounds, their parts and votes, and the time of the block it was read at.
	State(ctx context.Context, run uint64) (*protocol.State, time.Time, error)
	// Round reads one round, live or over.
	Round(ctx context.Context, run, number uint64) (*protocol.RoundState, error)
	// Workers lists the registered workers.
	Workers(ctx context.Context) ([]Worker, error)
	// Submit sends events of this worker's account in one transaction and waits until it is in a block. A refusal by the
	// rules is an error that is one of protocol's.
	Submit(ctx context.Context, run uint64, events ...protocol.Event) error
	// Next waits for the block after the one that was last read.
	Next(ctx context.Context) error
}

// Worker is a registered account.
type Worker struct {
	Account  protocol.Account
	Peer     peer.ID
	Addrs    []multiaddr.Multiaddr
	Attester bool
}

// Config is what a Trainer and an Attester need.
type Config struct {
	Account protocol.Account
	Run     uint64
	Chain   Chain
	Host    *gossip.Host
	View    *View
	Store   ckpt.Store
	Model   *llm.Model
	Threads int // of one pass over the model; 0: the model's

	Base    digest.Digest    // digest of the base that Model is
	Name    string           // of the model that the run trains
	Adapter ckpt.AdapterSpec // of that model
	Train   *data.TokenSet
	TrainID digest.Digest // digest of Train's file
	Eval    *data.TokenSet
	EvalID  digest.Digest

	// Keep is how long states of settled rounds are kept: the chain's evidence window.
	Keep time.Duration

	Log  *slog.Logger
	Tell func(Note) // progress for people; nil: none. Called from several goroutines

	since   time.Time // since when a blob is awaited
	checked bool      // the run's spec fits what is above
}

// Note is something a worker did, for people to see.
type Note struct {
	Worker protocol.Account `json:"worker"`
	Kind   string           `json:"kind"` // enrolled, step, committed, published, ready, witnessed, voted, revealed, audited, evaluated, reported, judged, concluded, disputed, staying, problem
	Round  uint64           `json:"round"`
	Slot   uint32           `json:"slot"`
	Step   uint32           `json:"step,omitempty"`
	Loss   float64          `json:"loss,omitempty"`
	Bytes  int              `json:"bytes,omitempty"`
	Text   string           `json:"text,omitempty"`
}

func (c *Config) tell(n Note) {
	n.Worker = c.Account
	if c.Tell != nil {
		c.Tell(n)
	}
}

// check refuses to work on anything but what the run pins. A spec never changes, so once is enough.
func (c *Config) check(s *protocol.RunSpec, attester bool) error {
	if c.checked {
		return nil
	}
	var errs []error
	bad := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(c.TrainID != s.Tokens, "the token set is %s, run %d pins %s: build or fetch that one", c.TrainID, c.Run, s.Tokens)
	bad(attester && s.EvalEvery > 0 && c.EvalID != s.Eval, "the evaluation set is %s, run %d pins %s", c.EvalID, c.Run, s.Eval)
	bad(string(c.Model.Numerics()) != s.Numerics, "this engine computes %s, run %d pins %s", c.Model.Numerics(), c.Run, s.Numerics)
	if _, err := loss.FromSpec(s.Loss); err != nil {
		errs = append(errs, fmt.Errorf("run %d has a loss that cannot be trained: %w", c.Run, err))
	}
	if err := c.Train.Check(c.Model.Config.Vocab); err != nil {
		errs = append(errs, err)
	}
	if attester && c.Eval != nil {
		if err := c.Eval.Check(c.Model.Config.Vocab); err != nil {
			errs = append(errs, err)
		}
		if id, both := data.Overlap(c.Train, c.Eval); both {
			errs = append(errs, fmt.Errorf("record %s is in both the training and the evaluation set", id))
		}
	}
	c.checked = len(errs) == 0
	return errors.Join(errs...)
}

// View is what the network may know of the chain, kept by whoever follows it. It implements gossip.View.
type View struct {
	mu      sync.RWMutex
	members map[peer.ID]string
	commits map[[3]uint64]gossip.Commitment
}

// NewView returns a view in which nobody is a member yet.
func NewView() *View { return &View{members: map[peer.ID]string{}} }

// Member implements gossip.View.
func (v *View) Member(p peer.ID) bool { _, ok := v.Account(p); return ok }

// Account implements gossip.View.
func (v *View) Account(p peer.ID) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a, ok := v.members[p]
	return a, ok
}

// Commitment implements gossip.View.
func (v *View) Commitment(run, round uint64, slot uint32) (gossip.Commitment, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	c, ok := v.commits[[3]uint64{run, round, uint64(slot)}]
	return c, ok
}

// update replaces what is known.
func (v *View) update(ws []Worker, s *protocol.State) {
	members, commits := make(map[peer.ID]string, len(ws)), map[[3]uint64]gossip.Commitment{}
	for _, w := range ws {
		members[w.Peer] = string(w.Account)
	}
	for i := range s.Rounds {
		for _, p := range s.Rounds[i].Parts {
			for _, w := range p.Slots {
				if w.Committed() {
					commits[[3]uint64{s.Run.ID, s.Rounds[i].Round.Number, uint64(w.Index)}] =
						gossip.Commitment{Trainer: string(p.Trainer), Body: w.Commit.Body, Size: w.Commit.Size}
				}
			}
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.members, v.commits = members, commits
}

// dialTimeout bounds one attempt to reach a worker.
const dialTimeout = 5 * time.Second

// follow reads the chain at every block and lets step act on what is there, until step says it is done or ctx ends.
// Failures to read are told and tried again at the next block: nothing is lost by waiting.
func (c *Config) follow(ctx context.Context, step func(ctx context.Context, s *protocol.State, now time.Time, ws []Worker) (done bool, err error)) error {
	for {
		done, err := c.once(ctx, step)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var fatal fatalError
		switch {
		case errors.As(err, &fatal):
			return fatal.error
		case err != nil:
			c.complain(err)
		case done:
			return nil
		}
		if err := c.Chain.Next(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.Log.Warn("the node does not answer", "err", err)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
}

// patience is how long a blob may be on its way before people are told.
const patience = 15 * time.Second

// complain tells of a problem. A blob that nobody offers yet is none for a while: an attester offers a checkpoint a
// block after the chain has it.
func (c *Config) complain(err error) {
	if errors.Is(err, gossip.ErrNoHolder) {
		if c.since.IsZero() {
			c.since = time.Now()
		}
		if time.Since(c.since) < patience {
			c.Log.Debug("will try again at the next block", "err", err)
			return
		}
	}
	c.since = time.Time{}
	c.Log.Warn("will try again at the next block", "err", err)
	c.tell(Note{Kind: "problem", Text: err.Error()})
}

func (c *Config) once(ctx context.Context, step func(context.Context, *protocol.State, time.Time, []Worker) (bool, error)) (bool, error) {
	s, now, err := c.Chain.State(ctx, c.Run)
	if err != nil {
		return false, err
	}
	ws, err := c.Chain.Workers(ctx)
	if err != nil {
		return false, err
	}
	c.View.update(ws, s)
	c.dial(ctx, ws)
	return step(ctx, s, now, ws)
}

// dial keeps a connection to every attester that publishes an address.
func (c *Config) dial(ctx context.Context, ws []Worker) {
	var to []peer.AddrInfo
	for _, w := range ws {
		if w.Attester && w.Account != c.Account {
			to = append(to, peer.AddrInfo{ID: w.Peer, Addrs: w.Addrs})
		}
	}
	c.Host.Connect(ctx, to, dialTimeout)
}

// fatalError ends a worker: trying again cannot help.
type fatalError struct{ error }

func fatal(err error) error {
	if err == nil {
		return nil
	}
	return fatalError{err}
}

// checkpoint returns a checkpoint from the store, or makes the model's first one, or fetches it from the others.
func (c *Config) checkpoint(ctx context.Context, d digest.Digest) (*Checkpoint, error) {
	cp, err := Load(c.Store, d, c.Model.Config)
	if err == nil || !errors.Is(err, ckpt.ErrNotFound) {
		return cp, err
	}
	if first, err := InitialCheckpoint(c.Store, c.Name, c.Base, c.Adapter, c.Model.Config); err != nil {
		return nil, err
	} else if first.Digest == d {
		return first, nil
	}
	if err := c.Host.Fetch(ctx, d, ckpt.MaxManifest); err != nil {
		return nil, err
	}
	raw, err := ckpt.GetBytes(c.Store, d, ckpt.MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if err := c.Host.Fetch(ctx, f.Digest, uint64(f.Size)); err != nil {
			return nil, err
		}
	}
	return Load(c.Store, d, c.Model.Config)
}
