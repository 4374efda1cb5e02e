package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

// workerFlags are the flags of weft train and weft attest.
type workerFlags struct {
	base, train, eval, node string
	threads                 int
	slots                   uint32
	maxMemory               byteSize
}

func (f *workerFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.base, "base", "", "folder of the run's base")
	c.Flags().StringVar(&f.train, "data", "", "token set file that the run pins")
	c.Flags().StringVar(&f.node, "node", "", "RPC address of a node (default: from the configuration)")
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (0: all processors)")
	memoryFlag(c, &f.maxMemory)
}

// runArg reads the number of a run.
func runArg(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, &OpError{Op: "find run", Ref: strconv.Quote(s), Err: errors.New("runs have numbers from 1"), Hint: "weft runs lists them"}
	}
	return n, nil
}

// workerSetup is what a worker process holds open.
type workerSetup struct {
	config trainer.Config
	client *chain.Client
	home   string
	close  []func() error
}

func (w *workerSetup) Close() error {
	var errs []error
	for i := len(w.close) - 1; i >= 0; i-- {
		errs = append(errs, w.close[i]())
	}
	return errors.Join(errs...)
}

// setup opens everything that a worker of a run needs and registers it on the chain.
func (f *workerFlags) setup(c *cobra.Command, run uint64, listen bool) (_ *workerSetup, err error) {
	cl, home, cfg, err := session(c)
	if err != nil {
		return nil, err
	}
	w := &workerSetup{client: cl, home: home}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	ctx := c.Context()
	state, _, err := cl.State(ctx, run)
	if err != nil {
		return nil, failed("read run", fmt.Sprint(run), err)
	}
	w.config = trainer.Config{Account: protocol.Account(cl.Address()), Run: run, Chain: cl, Threads: f.threads, Log: slog.New(slog.DiscardHandler), Tell: tellOf(out(c))}
	if w.config.Keep, err = cl.EvidenceWindow(ctx); err != nil {
		return nil, failed("read the parameters of", cfg.ChainID, err)
	}
	if err := f.load(ctx, w, &state.Run.Spec); err != nil {
		return nil, err
	}
	store, err := disk.Open(filepath.Join(home, "store"))
	if err != nil {
		return nil, failed("open the store in", home, err)
	}
	key, err := loadNodeKey(home)
	if err != nil {
		return nil, failed("open the node key in", home, err)
	}
	view := trainer.NewView()
	o := gossip.Options{ChainID: cfg.ChainID, Key: key, View: view, Store: store, Log: w.config.Log}
	if listen {
		o.Listen = []string{cfg.Listen}
	}
	host, err := gossip.New(o)
	if err != nil {
		return nil, failed("start the network on", cfg.Listen, err)
	}
	w.close = append(w.close, host.Close)
	w.config.Host, w.config.View, w.config.Store = host, view, store
	return w, failed("register the worker", cl.Address(), cl.Register(ctx, key, host.Addrs()))
}

// load opens the base and the token sets and compares them with what the chain pins.
func (f *workerFlags) load(ctx context.Context, w *workerSetup, spec *protocol.RunSpec) error {
	m, err := chain.Model(ctx, w.client.Context(), spec.Model)
	if err != nil {
		return failed("read the model", spec.Model, err)
	}
	num, err := exact.ParseNumerics(spec.Numerics)
	if err != nil {
		return failed("take part in the run", "", err)
	}
	e, err := newEngine(num, f.threads)
	if err != nil {
		return err
	}
	b, err := base.Open(f.base)
	if err != nil {
		return &OpError{Op: "open the base", Ref: f.base, Err: err, Hint: "give the folder of the run's base with --base DIR"}
	}
	w.close = append(w.close, b.Close)
	d, err := b.Digest()
	if err != nil {
		return failed("digest", f.base, err)
	}
	if d.Text() != m.Base {
		return &OpError{Op: "use the base", Ref: f.base, Err: fmt.Errorf("its digest is %s, the model %s pins %s", d, m.Name, m.Base), Hint: "import the same base with weft base import"}
	}
	c := &w.config
	c.Base, c.Name = d, m.Name
	c.Adapter = ckpt.AdapterSpec{Rank: int(m.Adapter.Rank), Alpha: int(m.Adapter.Alpha), Targets: m.Adapter.Targets}
	if m.Adapter.FreezeA {
		c.Adapter.FreezeA = 1
	}
	if c.Train, c.TrainID, err = pinned(f.train, spec.Tokens, "--data"); err != nil {
		return err
	}
	if f.eval != "" {
		if c.Eval, c.EvalID, err = pinned(f.eval, spec.Eval, "--eval"); err != nil {
			return err
		}
	}
	var model *llm.Model
	if model, err = loadQuietly(func() (*llm.Model, error) { return b.Load(e, int64(f.maxMemory)) }); err != nil {
		return failed("load the base", f.base, err)
	}
	c.Model = model
	return nil
}

// pinned reads a token set and refuses any other than the run's.
func pinned(path string, want digest.Digest, flag string) (*data.TokenSet, digest.Digest, error) {
	s, d, err := data.LoadTokenSet(path)
	if err != nil {
		return nil, d, &OpError{Op: "read the token set", Ref: path, Err: err, Hint: "make it with weft data build and name it with " + flag}
	}
	if d != want {
		return nil, d, &OpError{Op: "use the token set", Ref: path, Err: fmt.Errorf("its digest is %s, the run pins %s", d, want), Hint: "build it from the run's dataset with the run's base and sequence length"}
	}
	return s, d, nil
}

// tellOf prints a worker's notes.
func tellOf(p *printer) func(trainer.Note) {
	return func(n trainer.Note) {
		raw, err := json.Marshal(n)
		f := fields{}
		if err == nil {
			err = json.Unmarshal(raw, &f)
		}
		if err != nil {
			f = fields{"error": err.Error()}
		}
		text := fmt.Sprintf("round %-3d slot %-2d %-10s", n.Round, n.Slot, n.Kind)
		if n.Step > 0 {
			text += fmt.Sprintf(" step %d", n.Step)
		}
		if n.Loss > 0 {
			text += fmt.Sprintf(" loss %.4f", n.Loss)
		}
		if n.Bytes > 0 {
			text += " " + bytesText(n.Bytes)
		}
		if n.Text != "" {
			text += " " + n.Text
		}
		p.event(n.Kind, f, "%s", text)
	}
}
