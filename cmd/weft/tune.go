package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/x/round/protocol"
)

type tuneFlags struct {
	engineFlags
	adapterFlags
	spec                      protocol.RunSpec
	train, eval, columns, dst string
	evalRecords, steps, every int
	seed                      uint64
}

// trainingFlags are the settings of training that tune and demo share.
var trainingFlags = []string{"lr", "beta1", "beta2", "eps", "weight-decay", "clip", "warmup", "schedule", "loss", "batch", "seq"}

func tuneCmd() *cobra.Command {
	f := tuneFlags{spec: runspec.Default()}
	f.spec.Batch = 16
	c := &cobra.Command{
		Use:   "tune",
		Short: "Fine-tune on this machine alone, without a chain: the same loop, for comparison and for people who just want to tune",
		Long: "tune writes the adapter as a PEFT folder. With --adapter it goes on from that one, in its own shape: --rank, --alpha, " +
			"--targets\n" +
			"and --freeze-a belong to a new adapter.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return tune(c, &f) },
	}
	f.engineFlags.register(c, exact.BFloat16)
	adapterFlag(c, &f.adapter)
	f.adapterFlags.register(c)
	runspec.Bind(c.Flags(), &f.spec, trainingFlags...)
	memoryFlag(c, &f.maxMemory)
	c.Flags().StringVar(&f.train, "data", "", "JSONL file or token set to train on")
	c.Flags().StringVar(&f.eval, "eval", "", "JSONL file or token set to evaluate on")
	c.Flags().StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	c.Flags().IntVar(&f.evalRecords, "eval-records", 64, "evaluation records (0: all)")
	c.Flags().IntVar(&f.steps, "steps", 50, "optimizer steps")
	c.Flags().IntVar(&f.every, "eval-every", 10, "steps between evaluations")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the order of records and of the first factors")
	c.Flags().StringVar(&f.dst, "out", "weft-adapter", "PEFT folder to write")
	return c
}

// tuning is a fine-tune under way.
type tuning struct {
	*tuneFlags
	*engine
	p           *out.Printer
	pass        replay.Pass
	train, eval *data.TokenSet // eval is nil without --eval
	start       *checkpoint.Checkpoint
	began       time.Time
}

func tune(c *cobra.Command, f *tuneFlags) error {
	if err := f.check(c); err != nil {
		return err
	}
	x, err := f.open()
	if err != nil {
		return err
	}
	defer x.Close()
	t := &tuning{tuneFlags: f, engine: x, p: out.New(c)}
	if err := t.prepare(); err != nil {
		return err
	}
	ad, err := t.run(c)
	if err != nil {
		return err
	}
	return operror.Wrap("write", f.dst, t.write(ad))
}

// check refuses settings that cannot be carried out, before anything is loaded.
func (f *tuneFlags) check(c *cobra.Command) error {
	if err := fresh(f.dst, "--out"); err != nil {
		return err
	}
	if f.adapter != "" {
		for _, name := range adapterFlagNames {
			if c.Flags().Changed(name) {
				return &operror.Error{Op: "tune", Err: fmt.Errorf("--adapter goes on in the adapter's own shape, and --%s asks for another", name),
					Hint: "leave --" + name + " away, or --adapter for a new adapter"}
			}
		}
	}
	if f.steps < 1 || f.spec.Batch < 1 || f.spec.SeqLen < 2 {
		return &operror.Error{Op: "tune", Err: fmt.Errorf("--steps is %d, --batch %d, --seq %d", f.steps, f.spec.Batch, f.spec.SeqLen),
			Hint: "give --steps and --batch at least 1, --seq at least 2"}
	}
	f.spec.InnerSteps, f.spec.Segment, f.spec.Rounds = uint32(f.steps), uint32(f.steps), 1
	if err := replay.Inner(&f.spec).Validate(); err != nil {
		return operror.Hinted("tune", "", err, "correct the flag that is out of range")
	}
	return nil
}

// prepare reads the sets, makes or takes up the adapter, and checks that everything fits.
func (t *tuning) prepare() (err error) {
	seq := int(t.spec.SeqLen)
	if t.train, err = readSet(t.Base, t.tuneFlags.train, seq, 0, t.columns); err != nil {
		return err
	}
	if t.tuneFlags.eval != "" {
		if t.eval, err = readSet(t.Base, t.tuneFlags.eval, seq, t.evalRecords, t.columns); err != nil {
			return err
		}
		if id, both := data.Overlap(t.train, t.eval); both {
			return operror.Hinted("tune", "", fmt.Errorf("record %s is in both the training and the evaluation set", id),
				"take it out of one of them")
		}
	}
	shape := t.adapterFlags.spec()
	if t.adapter != nil {
		shape = t.adapter.Spec
	}
	t.start, err = checkpoint.Initial(mem.New(), fmt.Sprint("tune ", t.seed), digest.Sum(nil), shape, t.Config)
	if err != nil {
		return operror.Hinted("make the adapter", "", err, "correct --rank, --alpha or --targets")
	}
	if t.adapter != nil {
		t.start.Adapter = t.adapter
	}
	w := t.model.NewWork(0)
	t.pass = w
	return enough(t.maxMemory, w, t.start.Adapter, seq)
}

// tuneStep tells of a step.
type tuneStep struct {
	Step    uint32  `json:"step"`
	Loss    float64 `json:"loss"`
	Norm    float64 `json:"norm"` // of the gradient, before clipping
	Noop    bool    `json:"noop"` // a number overflowed, so the step changed nothing
	Seconds float64 `json:"seconds"`
}

func (*tuneStep) Kind() string { return "step" }

func (e *tuneStep) Text() string {
	took := time.Duration(e.Seconds * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("step %4d  loss %.4f  norm %.3f  %s", e.Step, e.Loss, e.Norm, took)
}

func (t *tuning) run(c *cobra.Command) (*lora.Adapter, error) {
	if err := t.evaluate(c, 0, t.start.Adapter); err != nil {
		return nil, err
	}
	j := replay.NewJob(&t.spec, &protocol.Round{Run: t.seed, Number: 1, Slots: 1}, 0, t.start, t.train)
	t.began = time.Now()
	ad, err := replay.Tune(c.Context(), t.pass, j, func(step uint32, r replay.StepRecord, ad *lora.Adapter) error {
		t.p.Emit(&tuneStep{step, r.Loss, r.Norm, r.Noop, time.Since(t.began).Seconds()})
		if int(step)%max(t.every, 1) == 0 || int(step) == t.steps {
			return t.evaluate(c, step, ad)
		}
		return t.p.Err()
	})
	return ad, operror.Hinted("tune", t.tuneFlags.train, err, "lower --seq or --batch, or take a smaller base")
}

func (t *tuning) evaluate(c *cobra.Command, step uint32, ad *lora.Adapter) error {
	if t.eval == nil {
		return nil
	}
	n, tokens, err := replay.Evaluate(c.Context(), t.pass, ad, t.eval, int(t.spec.SeqLen))
	if err != nil {
		return operror.Wrap("evaluate", t.tuneFlags.eval, err)
	}
	t.p.Emit(&evaluation{Step: int(step), Loss: float64(n) / 1e6, MicroNats: n, Tokens: tokens, Records: len(t.eval.Sequences),
		Numerics: t.numerics,
		text:     fmt.Sprintf("step %4d  evaluation %.4f", step, float64(n)/1e6)})
	return t.p.Err()
}

// adapterWritten tells of an adapter's folder.
type adapterWritten struct {
	Dir string `json:"dir"`
}

func (*adapterWritten) Kind() string   { return "adapter" }
func (e *adapterWritten) Text() string { return "wrote " + e.Dir }

func (t *tuning) write(ad *lora.Adapter) error {
	s := mem.New()
	tuned, err := checkpoint.Save(s, t.start.Manifest, ad, t.start.Momentum)
	if err != nil {
		return err
	}
	ref, err := tuned.Manifest.File(ckpt.AdapterFile)
	if err != nil {
		return err
	}
	raw, err := ckpt.GetBytes(s, ref.Digest, ref.Size)
	if err != nil {
		return err
	}
	d, err := t.Digest()
	if err != nil {
		return err
	}
	card := peft.Card{Model: t.dst, Licence: "apache-2.0", Base: baseName(t.base), BaseDigest: d, Checkpoint: ref.Digest,
		Parent:   "none: tuned on one machine",
		Numerics: t.numerics}
	if err := peft.Write(t.dst, raw, ad.Spec, card); err != nil {
		return err
	}
	t.p.Emit(&adapterWritten{t.dst})
	return t.p.Err()
}
