package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// workerFlags are the flags of weft train and weft attest.
type workerFlags struct {
	holdingFlags
	all, verbose bool
}

func (f *workerFlags) register(c *cobra.Command) {
	f.holdingFlags.register(c)
	nodeFlag(c)
	c.Flags().BoolVar(&f.all, "all", false, "serve every run that is open and whose base and token sets are named")
	c.Flags().BoolVar(&f.verbose, "verbose", false, "log everything on standard error")
}

// workers is what a worker's process holds open: one home, one host, one base for several runs.
type workers struct {
	*home.Session
	p     *out.Printer
	log   *slog.Logger
	runs  []serving
	close []func() error
}

// serving is a run and what a worker of it needs.
type serving struct {
	run    protocol.Run
	config worker.Config
}

// Close lets go of everything, the newest first.
func (w *workers) Close() error {
	var errs []error
	for _, f := range slices.Backward(w.close) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// setup opens everything that a worker of the named runs needs and registers it on the chain.
func (f *workerFlags) setup(c *cobra.Command, args []string, attests bool) (_ *workers, err error) {
	ids, err := f.named(args)
	if err != nil {
		return nil, err
	}
	s, err := open(c)
	if err != nil {
		return nil, err
	}
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	w := &workers{Session: s, p: out.New(c), log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	release, err := home.Lock(s.Dir, c.CommandPath()+" "+strings.Join(args, " "))
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, release)
	if err := w.find(c.Context(), ids); err != nil {
		return nil, err
	}
	h, err := f.open()
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, h.Close)
	if err := w.fill(c.Context(), h, f.all, attests); err != nil {
		return nil, err
	}
	return w, w.connect(c.Context(), attests)
}

// named are the runs that a command line names; none: all that are open.
func (f *workerFlags) named(args []string) (ids []uint64, err error) {
	if f.all == (len(args) > 0) {
		return nil, &operror.Error{Op: "serve", Err: errors.New("name runs by their numbers, or give --all"), Hint: "weft runs lists the runs"}
	}
	for _, a := range args {
		id, err := runArg(a)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// find reads the runs of these numbers; without any, those that are open.
func (w *workers) find(ctx context.Context, ids []uint64) error {
	for _, id := range ids {
		s, err := w.Sight(ctx, id)
		if err != nil {
			return operror.Wrap("read run", fmt.Sprint(id), err)
		}
		w.runs = append(w.runs, serving{run: s.State.Run})
	}
	if len(ids) > 0 {
		return nil
	}
	all, err := w.Runs(ctx)
	if err != nil {
		return operror.Wrap("list the runs", "", err)
	}
	for _, run := range all {
		if run.Status == protocol.StatusOpen || run.Status == protocol.StatusPaused {
			w.runs = append(w.runs, serving{run: run})
		}
	}
	if len(w.runs) == 0 {
		return &operror.Error{Op: "serve", Err: errors.New("no run is open"), Hint: "weft runs lists the runs; weft model propose begins one"}
	}
	return nil
}

// fill opens what the runs pin. With --all, a run whose base or sets are not here is passed over.
func (w *workers) fill(ctx context.Context, h *holdings, all, attests bool) error {
	keep, err := w.EvidenceWindow(ctx)
	if err != nil {
		return operror.Wrap("read the parameters of", w.Config.ChainID, err)
	}
	board := status.NewBoard(filepath.Join(w.Dir, status.File), map[bool]string{true: "attester", false: "trainer"}[attests])
	tell := func(e status.Placed) {
		w.p.Emit(e)
		if err := board.Apply(e); err != nil {
			w.log.Warn("the status file cannot be written", "err", err)
		}
	}
	var here []serving
	var missing error
	for _, x := range w.runs {
		x.config = worker.Config{Account: protocol.Account(w.Address()), Run: x.run.ID, Chain: w.Client, Keep: keep, Log: w.log, Tell: tell}
		switch err := h.fill(ctx, w.Client, &x.config, &x.run.Spec, attests); {
		case err == nil:
			here = append(here, x)
		case !all:
			return err
		default:
			missing = err
			w.log.Warn("a run is passed over", "run", x.run.ID, "err", err)
		}
	}
	if len(here) == 0 {
		return missing
	}
	w.runs = here
	return nil
}

// failed is the error of a run that ended with one. Where other runs go on it is told at once: they may take days.
func (w *workers) failed(op string, x *serving, err error) error {
	err = operror.Wrap(op, fmt.Sprint(x.run.ID), err)
	if err != nil && !errors.Is(err, context.Canceled) && len(w.runs) > 1 {
		e := &status.Problem{At: status.At{Worker: x.config.Account, Run: x.run.ID}, Error: "the run is given up: " + err.Error()}
		var op *operror.Error
		if errors.As(err, &op) {
			e.Fix = op.Hint
		}
		x.config.Tell(e)
	}
	return err
}

// connect starts the host and registers it.
func (w *workers) connect(ctx context.Context, attests bool) error {
	store, err := disk.Open(filepath.Join(w.Dir, "store"))
	if err != nil {
		return operror.Wrap("open the store in", w.Dir, err)
	}
	key, err := home.NodeKey(w.Dir)
	if err != nil {
		return operror.Hinted("open the node key in", w.Dir, err, "restore the file, or remove it and let weft register make a new one")
	}
	view := worker.NewView()
	o := gossip.Options{ChainID: w.Config.ChainID, Key: key, View: view, Store: store, Log: w.log}
	if attests {
		o.Listen = []string{w.Config.Listen}
	}
	host, err := gossip.New(o)
	if err != nil {
		return operror.Hinted("listen on", w.Config.Listen, err, "stop the process that has the port, or set listen in config.yaml")
	}
	w.close = append(w.close, host.Close)
	for i := range w.runs {
		c := &w.runs[i].config
		c.Host, c.View, c.Store = host, view, store
	}
	addrs := []multiaddr.Multiaddr{} // a trainer is not reached
	if attests {
		if addrs, err = announced(w.Config); err != nil {
			return err
		}
		if len(addrs) == 0 {
			addrs = host.Addrs()
		}
	}
	if attests && !slices.ContainsFunc(addrs, reachable) {
		w.log.Warn("only addresses of this network are known: nobody outside of it can reach this attester; set announce in config.yaml",
			"addrs", addrs)
	}
	return operror.Wrap("register the worker", w.Address(), w.Register(ctx, key, addrs))
}

// announced are the addresses that the configuration names.
func announced(c home.Config) (addrs []multiaddr.Multiaddr, err error) {
	for _, a := range c.Announce {
		m, err := multiaddr.NewMultiaddr(a)
		if err != nil {
			return nil, operror.Hinted("announce", a, err, "write an address such as /dns4/weft.example/tcp/4650")
		}
		addrs = append(addrs, m)
	}
	return addrs, nil
}

// reachable says whether an address may be dialled from anywhere: it is public, or a name.
func reachable(a multiaddr.Multiaddr) bool {
	_, err := manet.ToIP(a)
	return err != nil || manet.IsPublicAddr(a)
}

// started tells of a worker that begins.
type started struct {
	Runs    []uint64 `json:"runs"`
	Account string   `json:"account"`
	Role    string   `json:"role"`
	Slots   uint32   `json:"slots,omitempty"`
}

func (*started) Kind() string { return "started" }

func (e *started) Text() string {
	runs := strings.Trim(fmt.Sprint(e.Runs), "[]")
	if e.Role == "trainer" {
		return fmt.Sprintf("training run %s as %s with %d slot(s)", runs, e.Account, e.Slots)
	}
	return fmt.Sprintf("attesting run %s as %s", runs, e.Account)
}

func (w *workers) numbers() (ns []uint64) {
	for _, r := range w.runs {
		ns = append(ns, r.run.ID)
	}
	return ns
}
