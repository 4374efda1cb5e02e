package worker_test

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
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// swarm is a run's workers over a fake chain, with real hosts on the loopback interface.
type swarm struct {
	t     *testing.T
	f     *tinyrun.Run
	chain *fakeChain
	ctx   context.Context

	mu     sync.Mutex
	events []status.Placed
}

func newSwarm(t *testing.T, f *tinyrun.Run) *swarm {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &swarm{t: t, f: f, ctx: ctx, chain: newFakeChain(t, f.Spec, f.First(t).Digest)}
}

// machine is a worker's host, store and configuration; Run is what it runs.
type machine struct {
	worker.Config
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
	s.chain.register(worker.Member{Account: m.Account, Peer: m.Host.ID(), Addrs: m.Host.Addrs(), Attester: weight > 0}, weight)
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
	view := worker.NewView()
	o := gossip.Options{ChainID: "weft-test", Key: key, View: view, Store: store}
	if listen {
		o.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	}
	h, err := gossip.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	m := &machine{s: s, key: key, client: &client{fakeChain: s.chain}}
	m.Config = worker.Config{Account: protocol.Account(account), Run: 1, Chain: m.client, Host: h, View: view, Store: store,
		Decoder: s.f.Model.Config, Numerics: s.f.Model.Numerics(),
		NewPass: func() replay.Pass { return s.f.Model.NewWork(1) },
		Base:    s.f.Base, Name: s.f.Spec.Model, Adapter: s.f.Adapter, Train: s.f.Train, TrainID: s.f.TrainID, Eval: s.f.Eval, EvalID: s.f.EvalID,
		Log: tinyrun.Quiet, Tell: s.tell}
	s.t.Cleanup(func() {
		m.stop()
		if err := h.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return m
}

func (s *swarm) tell(e status.Placed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// said lists an account's events of a type.
func said[E status.Placed](s *swarm, account string) (events []E) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if of, ok := e.(E); ok && string(e.Place().Worker) == account {
			events = append(events, of)
		}
	}
	return events
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

func (m *machine) trains(keep *slot.Snapshots) *machine { return m.does(keep, nil) }

// does trains with a way of its own to do a slot.
func (m *machine) does(keep *slot.Snapshots, do slot.Func) *machine {
	c := trainer.Config{Config: m.Config, Slots: 1, Snapshots: keep, Do: do}
	m.start(func(ctx context.Context) error { return trainer.Run(ctx, c) })
	return m
}

func (m *machine) attests() *machine {
	c := attester.Config{Config: m.Config}
	m.start(func(ctx context.Context) error { return attester.Run(ctx, c) })
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
		ms = append(ms, s.machine(fmt.Sprintf("trainer%d", i*9), 0).trains(tinyrun.Snapshots(s.t)))
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
