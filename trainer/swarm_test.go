package trainer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/x/round/protocol"
)

// swarm is a run's workers over a fake chain, with real hosts on the loopback interface.
type swarm struct {
	t     *testing.T
	f     *fixture
	chain *fakeChain
	ctx   context.Context

	mu    sync.Mutex
	notes []Note
}

func newSwarm(t *testing.T, f *fixture) *swarm {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &swarm{t: t, f: f, ctx: ctx, chain: newFakeChain(t, f.spec, f.first(t).Digest)}
}

// machine is a worker's host, store and configuration; Run is what it runs.
type machine struct {
	Config
	s      *swarm
	key    crypto.PrivKey
	client *client
	cancel context.CancelFunc
	done   chan error
}

// machine makes a worker's machine with a key of its own and registers it. Every other store is on disk.
func (s *swarm) machine(account string, weight uint64) *machine {
	s.t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	m := s.with(account, key, weight > 0)
	s.chain.register(Worker{Account: m.Account, Peer: m.Host.ID(), Addrs: m.Host.Addrs(), Attester: weight > 0}, weight)
	return m
}

// with makes a machine with a given key, for an account that is registered with it.
func (s *swarm) with(account string, key crypto.PrivKey, listen bool) *machine {
	s.t.Helper()
	var store ckpt.Store = mem.New()
	if len(account)%2 == 0 {
		var err error
		if store, err = disk.Open(filepath.Join(s.t.TempDir(), "store")); err != nil {
			s.t.Fatal(err)
		}
	}
	view := NewView()
	o := gossip.Options{ChainID: "weft-test", Key: key, View: view, Store: store}
	if listen {
		o.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	}
	h, err := gossip.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	m := &machine{s: s, key: key, client: &client{fakeChain: s.chain}}
	m.Config = Config{Account: protocol.Account(account), Run: 1, Chain: m.client, Host: h, View: view, Store: store, Model: s.f.model, Threads: 1,
		Base: s.f.base, Name: s.f.spec.Model, Adapter: s.f.adapter, Train: s.f.train, TrainID: s.f.trainID, Eval: s.f.eval, EvalID: s.f.evalID,
		Log: quiet, Tell: s.tell}
	s.t.Cleanup(func() {
		m.stop()
		if err := h.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return m
}

func (s *swarm) tell(n Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, n)
}

// said counts the notes of a kind.
func (s *swarm) said(account, kind string) (notes []Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes {
		if n.Kind == kind && string(n.Worker) == account {
			notes = append(notes, n)
		}
	}
	return notes
}

func (m *machine) start(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(m.s.ctx)
	m.cancel, m.done = cancel, make(chan error, 1)
	go func() { m.done <- run(ctx) }()
}

// stop ends the worker where it is.
func (m *machine) stop() {
	if m.cancel == nil {
		return
	}
	m.cancel()
	m.cancel = nil
	if err := <-m.done; err != nil && !errors.Is(err, context.Canceled) {
		m.s.t.Errorf("%s: %v", m.Account, err)
	}
}

// wait waits until the worker ends by itself.
func (m *machine) wait() error {
	err := <-m.done
	m.done <- nil
	return err
}

func (m *machine) trains(keep *States) *machine {
	m.start((&Trainer{Config: m.Config, Slots: 1, States: keep}).Run)
	return m
}

func (m *machine) attests() *machine {
	m.start((&Attester{Config: m.Config}).Run)
	return m
}

// attesters starts n attesters of equal weight.
func (s *swarm) attesters(n int) (ms []*machine) {
	for i := range n {
		ms = append(ms, s.machine(fmt.Sprintf("attester%d", i*9), 10).attests())
	}
	return ms
}

// trainers starts n honest trainers.
func (s *swarm) trainers(n int) (ms []*machine) {
	for i := range n {
		ms = append(ms, s.machine(fmt.Sprintf("trainer%d", i*9), 0).trains(openStates(s.t)))
	}
	return ms
}

// until waits for something to be so on chain.
func (s *swarm) until(what string, so func(*protocol.State) bool) *protocol.State {
	s.t.Helper()
	for {
		st, _, _ := s.chain.at()
		if so(st) {
			return st
		}
		select {
		case <-s.ctx.Done():
			s.t.Fatalf("never: %s; %+v", what, st.Run)
		case <-time.After(blockTime):
		}
	}
}

// end waits until the run has ended with all its rounds and every given worker has noticed.
func (s *swarm) end(ms ...*machine) *protocol.State {
	s.t.Helper()
	st := s.until("the run ends", func(st *protocol.State) bool { return st.Run.Status == protocol.StatusEnded })
	if st.Run.End != protocol.EndRounds {
		s.t.Fatalf("the run ended for %s", st.Run.End)
	}
	for _, m := range ms {
		if err := m.wait(); err != nil {
			s.t.Errorf("%s: %v", m.Account, err)
		}
	}
	return st
}

func reasonOf(r *protocol.RoundState, a protocol.Account) protocol.Reason {
	i := slices.IndexFunc(r.Parts, func(p protocol.Part) bool { return p.Trainer == a })
	if i < 0 {
		return 0
	}
	return r.Parts[i].Reason
}
