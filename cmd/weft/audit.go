package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/mirror"
	"github.com/weftnet/weft/x/round/protocol"
)

// codeFraud is the exit code of an audit that found a difference.
const codeFraud = 5

func auditCmd() *cobra.Command {
	f := workerFlags{}
	var mirrors []string
	slot := -1
	c := &cobra.Command{
		Use:   "audit RUN ROUND WORKER [SEGMENT] --base DIR --data TOKENS --node RPC --from URL",
		Short: "Recompute a worker's training from public bytes and compare it with what it committed to",
		Long: "audit needs no account and no home: it reads the chain from a node, and the starting checkpoint, the delta and, where their\n" +
			"trainers serve them, states from an attester that runs with --http. Everything is checked against digests on chain, so\n" +
			"neither has to be trusted beyond what the chain says. Without SEGMENT the whole work is recomputed from the checkpoint.\n" +
			"Exit code 5 means that the work is not what was committed to.",
		Args: cobra.RangeArgs(3, 4),
		RunE: func(c *cobra.Command, args []string) (err error) {
			x, err := newAudit(c, &f, args, mirrors)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, x.close()) }()
			return x.run(slot)
		},
	}
	f.register(c)
	c.Flags().StringSliceVar(&mirrors, "from", nil, "address of an attester's --http, e.g. http://host:4651; may be given several times")
	c.Flags().IntVar(&slot, "slot", -1, "only this slot of the worker (default: all of its slots)")
	return c
}

// audit is an audit from outside.
type audit struct {
	ctx     context.Context
	p       *printer
	setup   *workerSetup
	spec    *protocol.RunSpec
	round   *protocol.RoundState
	part    *protocol.Part
	segment int // -1: all
	from    []mirror.Client
	start   *trainer.Checkpoint
	work    *llm.Work
}

func newAudit(c *cobra.Command, f *workerFlags, args, mirrors []string) (*audit, error) {
	x := &audit{ctx: c.Context(), p: out(c), segment: -1}
	run, err := runArg(args[0])
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil || number == 0 {
		return nil, failed("find round", args[1], errors.New("rounds with training have numbers from 1"))
	}
	if len(args) == 4 {
		n, err := strconv.ParseUint(args[3], 10, 31)
		if err != nil {
			return nil, failed("find segment", args[3], errors.New("segments have numbers from 0"))
		}
		x.segment = int(n)
	}
	for _, url := range mirrors {
		x.from = append(x.from, mirror.Client{URL: url})
	}
	node := f.node
	if node == "" {
		node = "tcp://127.0.0.1:26657"
	}
	cc, err := newContext(os.TempDir(), homeConfig{Node: node, Keyring: "memory"})
	if err != nil {
		return nil, failed("connect to", node, err)
	}
	cl := chain.NewReader(cc)
	if err := x.read(cl, run, number, protocol.Account(args[2])); err != nil {
		return nil, err
	}
	x.setup = &workerSetup{client: cl}
	if err := f.load(x.ctx, x.setup, x.spec); err != nil {
		return nil, errors.Join(err, x.close())
	}
	if x.start, err = x.checkpoint(); err != nil {
		return nil, errors.Join(err, x.close())
	}
	x.work = x.setup.config.Model.NewWork(f.threads)
	return x, nil
}

func (x *audit) close() error { return x.setup.Close() }

// read finds the worker's part on chain.
func (x *audit) read(cl *chain.Client, run, number uint64, worker protocol.Account) error {
	s, _, err := cl.State(x.ctx, run)
	if err != nil {
		return failed("read run", fmt.Sprint(run), err)
	}
	x.spec = &s.Run.Spec
	if x.round, err = cl.Round(x.ctx, run, number); err != nil {
		return failed("read round", fmt.Sprint(number), err)
	}
	if x.round.Round.Pruned {
		return &OpError{Op: "audit round", Ref: fmt.Sprint(number), Err: errors.New("its evidence window is over, and the chain keeps its outcomes only"), Hint: "audit a newer round"}
	}
	for i := range x.round.Parts {
		if x.round.Parts[i].Trainer == worker {
			x.part = &x.round.Parts[i]
			return nil
		}
	}
	return &OpError{Op: "audit", Ref: string(worker), Err: fmt.Errorf("it had no part in round %d of run %d", number, run), Hint: "weft why --account all lists who had"}
}

// blob reads from the first mirror that has it.
func (x *audit) blob(d digest.Digest, limit int64) ([]byte, error) {
	errs := []error{fmt.Errorf("%s is nowhere to be had: %w", d, ckpt.ErrNotFound)}
	for _, m := range x.from {
		b, err := m.Blob(x.ctx, d, limit)
		if err == nil {
			return b, nil
		}
		errs = append(errs, err)
	}
	return nil, &OpError{Op: "get", Ref: d.String(), Err: errors.Join(errs...), Hint: "name attesters that run with --http: --from http://host:port", Code: codeNetwork}
}

// checkpoint is what the round trained from.
func (x *audit) checkpoint() (*trainer.Checkpoint, error) {
	c, d, s := &x.setup.config, x.round.Round.Parent, mem.New()
	first, err := trainer.InitialCheckpoint(s, c.Name, c.Base, c.Adapter, c.Model.Config)
	if err != nil {
		return nil, failed("make the first checkpoint of", c.Name, err)
	}
	if first.Digest == d {
		return first, nil
	}
	raw, err := x.blob(d, ckpt.MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return nil, failed("read checkpoint", d.String(), err)
	}
	for _, file := range append([]ckpt.FileRef{{Digest: d, Size: int64(len(raw))}}, m.Files...) {
		b, err := x.blob(file.Digest, file.Size)
		if err != nil {
			return nil, err
		}
		if _, err := ckpt.PutBytes(s, b); err != nil {
			return nil, failed("keep", file.Digest.String(), err)
		}
	}
	cp, err := trainer.Load(s, d, c.Model.Config)
	return cp, failed("load checkpoint", d.String(), err)
}
