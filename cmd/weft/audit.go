package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/mirror"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

func auditCmd() *cobra.Command {
	f := holdingFlags{}
	var mirrors []string
	slot := -1
	c := &cobra.Command{
		Use:   "audit RUN ROUND WORKER [SEGMENT] --base DIR --data TOKENS --node RPC --from URL",
		Short: "Recompute a worker's training from public bytes and compare it with what it committed to",
		Long: "audit needs no account and no home: it reads the chain from a node, and the starting checkpoint, the delta and, where their\n" +
			"trainers serve them, snapshots from an attester that runs with --http. Everything is checked against digests on chain, so\n" +
			"neither has to be trusted beyond what the chain says. Without SEGMENT the whole work is recomputed from the checkpoint.\n" +
			"Exit code 5 means that the work is not what was committed to.",
		Args: cobra.RangeArgs(3, 4),
		RunE: func(c *cobra.Command, args []string) (err error) {
			x := &audit{ctx: c.Context(), p: out.New(c), segment: -1, from: mirror.Clients(mirrors)}
			if err := x.open(c, &f, args); err != nil {
				return errors.Join(err, x.close())
			}
			defer func() { err = errors.Join(err, x.close()) }()
			return x.run(slot)
		},
	}
	f.register(c)
	nodeFlag(c)
	fromFlag(c, &mirrors)
	c.Flags().IntVar(&slot, "slot", -1, "only this slot of the worker (default: all of its slots)")
	return required(c, "base", "data")
}

// fromFlag registers the mirrors of a command that reads what is public.
func fromFlag(c *cobra.Command, urls *[]string) {
	c.Flags().StringSliceVar(urls, "from", nil, "address of an attester's --http, e.g. http://host:4651; may be given several times")
}

// audit is an audit from outside.
type audit struct {
	ctx     context.Context
	p       *out.Printer
	held    *holdings
	config  worker.Config // what the run pins
	spec    *protocol.RunSpec
	round   *protocol.RoundState
	part    *protocol.Part
	segment int // -1: all
	from    mirror.Clients
	start   *checkpoint.Checkpoint
	pass    replay.Pass
}

func (x *audit) close() error {
	if x.held == nil {
		return nil
	}
	return x.held.Close()
}

func (x *audit) open(c *cobra.Command, f *holdingFlags, args []string) error {
	run, err := runArg(args[0])
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil || number == 0 {
		return operror.Hinted("find round", args[1], errors.New("rounds with training have numbers from 1"), "weft status shows the run's rounds")
	}
	if len(args) == 4 {
		n, err := strconv.ParseUint(args[3], 10, 31)
		if err != nil {
			return operror.Hinted("find segment", args[3], errors.New("segments have numbers from 0"), "weft why shows the slots and their steps")
		}
		x.segment = int(n)
	}
	s, err := reader(c)
	if err != nil {
		return err
	}
	if err := x.read(s.Client, run, number, protocol.Account(args[2])); err != nil {
		return err
	}
	if x.held, err = f.open(); err != nil {
		return err
	}
	if err := x.held.fill(x.ctx, s.Client, &x.config, x.spec, false); err != nil {
		return err
	}
	x.pass = x.config.NewPass()
	x.start, err = x.checkpoint(x.round.Round.Parent)
	return operror.Hinted("get the checkpoint", x.round.Round.Parent.String(), err,
		"name attesters that run with --http: --from http://host:port")
}

// checkpoint makes the model's first one, or gets another from the mirrors.
func (x *audit) checkpoint(d digest.Digest) (*checkpoint.Checkpoint, error) {
	c, s := &x.config, mem.New()
	first, err := checkpoint.Initial(s, c.Name, c.Base, c.Adapter, c.Decoder)
	if err != nil || first.Digest == d {
		return first, err
	}
	if _, err := x.from.Pull(x.ctx, s, d, nil); err != nil {
		return nil, err
	}
	return checkpoint.Load(s, d, c.Decoder)
}

// read finds the worker's part on chain.
func (x *audit) read(cl *chain.Client, run, number uint64, account protocol.Account) error {
	s, err := cl.Sight(x.ctx, run)
	if err != nil {
		return operror.Wrap("read run", fmt.Sprint(run), err)
	}
	x.spec = &s.State.Run.Spec
	if x.round, err = cl.Round(x.ctx, run, number); err != nil {
		return operror.Hinted("read round", fmt.Sprint(number), err, "weft status shows the run's rounds")
	}
	if x.round.Round.Pruned {
		return &operror.Error{Op: "audit round", Ref: fmt.Sprint(number),
			Err:  errors.New("its evidence window is over, and the chain keeps its outcomes only"),
			Hint: "audit a newer round"}
	}
	if x.part = x.round.Part(account); x.part == nil {
		return &operror.Error{Op: "audit", Ref: string(account), Err: fmt.Errorf("it had no part in round %d of run %d", number, run),
			Hint: "weft why --account all lists who had"}
	}
	return nil
}

// run audits the worker's slots and fails when one is not what was committed to.
func (x *audit) run(slot int) error {
	done, forged := 0, 0
	for i := range x.part.Slots {
		w := &x.part.Slots[i]
		if slot >= 0 && int(w.Index) != slot {
			continue
		}
		if !w.Committed() {
			x.p.Emit(&nothing{"commitment", fmt.Sprintf("slot %-4d nothing was committed: %s", w.Index, x.part.Reason)})
			continue
		}
		ok, err := x.slot(w)
		if err != nil {
			return operror.Hinted("audit slot", fmt.Sprint(w.Index), err, "name attesters that run with --http: --from http://host:port")
		}
		done++
		if !ok {
			forged++
		}
	}
	switch {
	case done == 0 && slot >= 0:
		return &operror.Error{Op: "audit slot", Ref: fmt.Sprint(slot), Err: errors.New("it has no commitment of this worker in this round"),
			Hint: "weft why shows which slots it had"}
	case forged == 0:
		return x.p.Err()
	}
	hint := "it is convicted already: weft why shows the ruling"
	if x.part.Reason != protocol.ReasonFraud {
		hint = fmt.Sprintf("weftd tx round dispute %d %d %s SLOT --from KEY (a deposit is held until it is decided)", x.round.Round.Run,
			x.round.Round.Number,
			x.part.Trainer)
	}
	return &operror.Error{Op: "confirm the work of", Ref: string(x.part.Trainer), Code: operror.Fraud, Hint: hint,
		Err: fmt.Errorf("%d of %d slots are not what was committed to", forged, done)}
}

// slot audits one slot and says whether it is what was committed to.
func (x *audit) slot(w *protocol.SlotWork) (bool, error) {
	body, err := x.from.Blob(x.ctx, w.Commit.Body, protocol.MaxBodyBytes)
	if err != nil {
		return false, err
	}
	t, err := replay.NewTrail(replay.NewJob(x.spec, &x.round.Round, w.Index, x.start, x.config.Train), w.Commit, body)
	if err != nil {
		return false, err
	}
	if x.segment >= 0 {
		r, err := t.Audit(x.ctx, x.pass, uint32(x.segment), func(leaf uint32) (*replay.Served, error) { return x.snapshot(t, leaf) })
		if err != nil {
			return false, err
		}
		how := "recomputed from the checkpoint"
		if r.Served {
			how = "from the snapshot that its trainer serves"
		}
		return r.OK, x.verdict(t, r.OK, r.Segment, r.Got, fmt.Sprintf("segment %d, %s", x.segment, how))
	}
	differs, last, err := t.Walk(x.ctx, x.pass, t.Segments(), nil)
	if err != nil {
		return false, err
	}
	ok := differs == t.Segments()
	return ok, x.verdict(t, ok, differs, last, fmt.Sprintf("all %d segments, recomputed from the checkpoint", t.Segments()))
}

// snapshot asks the mirrors for the snapshot that the trace commits to at a leaf.
func (x *audit) snapshot(t *replay.Trail, leaf uint32) (*replay.Served, error) {
	n := len(t.Job.Start.Adapter.Params)
	var got *replay.Served
	err := x.from.Snapshot(x.ctx, t.Job.Run, t.Job.Round, t.Job.Slot, leaf, int64(replay.MaxServed(n, t.Job.Spec.SegmentLen())),
		func(b []byte) (err error) {
			if got, err = replay.DecodeServed(b, n); err != nil {
				return err
			}
			return got.Check(t.Commit.Trace, leaf, t.Segments()+1, t.StepsAt(leaf))
		})
	return got, err
}

// verdict tells what an audit found.
type verdict struct {
	Run       uint64           `json:"run"`
	Round     uint64           `json:"round"`
	Worker    protocol.Account `json:"worker"`
	Slot      uint32           `json:"slot"`
	Segment   uint32           `json:"segment"` // the first that differs, when it is not ok
	OK        bool             `json:"ok"`
	Leaf      digest.Digest    `json:"leaf"`                // recomputed
	Committed *digest.Digest   `json:"committed,omitempty"` // what was committed to instead
	Differs   *differs         `json:"difference,omitempty"`
	text      string
}

// differs is where the trainer's snapshot differs first, if it shows it.
type differs struct {
	Where     string `json:"where"`
	Element   int    `json:"element"`
	Committed string `json:"committed_bits"`
	Real      string `json:"real_bits"`
}

func (*verdict) Kind() string   { return "audit" }
func (e *verdict) Text() string { return e.text }

// verdict prints what was found, and what differed first if the trainer shows its snapshot.
func (x *audit) verdict(t *replay.Trail, ok bool, segment uint32, got *replay.Segment, what string) error {
	e := &verdict{Run: t.Job.Run, Round: t.Job.Round, Worker: x.part.Trainer, Slot: t.Job.Slot, Segment: segment, OK: ok, Leaf: got.Leaf,
		text: fmt.Sprintf("slot %-4d OK: %s, gives what was committed to", t.Job.Slot, what)}
	if ok {
		x.p.Emit(e)
		return nil
	}
	e.Committed = &t.Leaves[segment+1]
	e.text = fmt.Sprintf("slot %-4d FORGED: %s\n  segment   %d (steps %d to %d)\n  committed %s\n  real      %s",
		t.Job.Slot, what, segment, t.StepsAt(segment)+1, t.StepsAt(segment+1), e.Committed, got.Leaf)
	theirs, err := x.snapshot(t, segment+1)
	if err != nil {
		e.text += "\n  its trainer does not show the snapshot that it committed to, so what differs in it cannot be said"
		x.p.Emit(e)
		return nil
	}
	d := replay.FirstDifference(t.Job.Start.Adapter, theirs, got)
	if d == nil {
		return errors.New("the snapshots are equal but their leaves are not: this is a defect of Weft")
	}
	e.Differs = &differs{d.Where, d.Element, fmt.Sprintf("%0*x", d.Bits/4, d.Got), fmt.Sprintf("%0*x", d.Bits/4, d.Want)}
	e.text += "\n  first     " + d.String()
	x.p.Emit(e)
	return nil
}
