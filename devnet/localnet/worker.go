package localnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// process is a worker while it runs.
type process struct {
	host   *gossip.Host
	store  ckpt.Store
	cancel context.CancelFunc
	done   chan error
}

// key loads the worker's node key, or makes one.
func (w *Node) key() (crypto.PrivKey, error) { return gossip.LoadKey(filepath.Join(w.dir, "node.key")) }

// Start starts the worker with what its folder holds, as a process would after a crash.
func (w *Node) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proc != nil {
		return fmt.Errorf("%s is running", w.Account.Name)
	}
	key, err := w.key()
	if err != nil {
		return err
	}
	store, err := disk.Open(filepath.Join(w.dir, "store"))
	if err != nil {
		return err
	}
	o := w.net.Opts
	view := worker.NewView()
	ho := gossip.Options{ChainID: w.net.ChainID(), Key: key, View: view, Store: store, Log: o.Log}
	if w.attests {
		ho.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	}
	host, err := gossip.New(ho)
	if err != nil {
		return err
	}
	if w.attests {
		if err := w.Client.Register(ctx, key, host.Addrs()); err != nil {
			return errors.Join(err, host.Close())
		}
	}
	var onChain worker.Chain = w.Client
	if o.Wrap != nil {
		onChain = o.Wrap(w.Account.Name, w.Client)
	}
	c := worker.Config{Account: protocol.Account(w.Account.String()), Run: w.net.RunID, Chain: onChain, Host: host, View: view, Store: store,
		Decoder: o.Model.Config, Numerics: o.Model.Numerics(), NewPass: w.newPass(), Name: o.Name, Base: o.Base, Adapter: o.Adapter,
		Train: o.Train, TrainID: o.TrainID, Eval: o.Eval, EvalID: o.EvalID,
		Log: o.Log.With("worker", w.Account.Name), Tell: o.Tell}
	if c.Keep, err = w.Client.EvidenceWindow(ctx); err != nil {
		return errors.Join(err, host.Close())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &process{host: host, store: store, cancel: cancel, done: make(chan error, 1)}
	run, err := w.role(c)
	if err != nil {
		cancel()
		return errors.Join(err, host.Close())
	}
	w.proc = p
	go func() { p.done <- run(ctx) }()
	return nil
}

// newPass makes a worker's passes: attesters take all processors, trainers share them.
func (w *Node) newPass() func() replay.Pass {
	threads := w.net.Opts.Threads
	if w.attests {
		threads = 0
	}
	return func() replay.Pass { return w.net.Opts.Model.NewWork(threads) }
}

func (w *Node) role(c worker.Config) (func(context.Context) error, error) {
	o := w.net.Opts
	if w.attests {
		a := attester.Config{Config: c}
		if o.Attester != nil {
			o.Attester(w.Account.Name, &a)
		}
		return func(ctx context.Context) error { return attester.Run(ctx, a) }, nil
	}
	snapshots, err := slot.OpenSnapshots(filepath.Join(w.dir, "snapshots"), o.SnapshotBudget)
	if err != nil {
		return nil, err
	}
	t := trainer.Config{Config: c, Slots: o.Slots, Snapshots: snapshots}
	if o.Trainer != nil {
		o.Trainer(w.Account.Name, &t)
	}
	return func(ctx context.Context) error { return trainer.Run(ctx, t) }, nil
}

// Stop ends the worker where it is, as a kill would; its folder stays.
func (w *Node) Stop() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proc == nil {
		return nil
	}
	p := w.proc
	w.proc = nil
	p.cancel()
	err := <-p.done
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, p.host.Close())
}

// Wait waits until the worker has ended by itself, which it does when the run is over.
func (w *Node) Wait(ctx context.Context) error {
	w.mu.Lock()
	p := w.proc
	w.mu.Unlock()
	if p == nil {
		return nil
	}
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Store is the running worker's store, or nil.
func (w *Node) Store() ckpt.Store {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proc == nil {
		return nil
	}
	return w.proc.store
}

// StartAll starts every worker.
func (n *Net) StartAll(ctx context.Context) error {
	for _, w := range n.workers() {
		if err := w.Start(ctx); err != nil {
			return fmt.Errorf("%s: %w", w.Account.Name, err)
		}
	}
	return nil
}
