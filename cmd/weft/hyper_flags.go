package main

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/x/round/protocol"
)

// hyperFlags are the settings of training that tune and demo share, under the names that PEFT's users know.
type hyperFlags struct {
	lr, beta1, beta2, eps, decay, clip float64
	warmup, batch, seq, rank, alpha    int
	schedule, targets, loss            string
	freezeA                            bool
}

func (f *hyperFlags) register(c *cobra.Command, lr float64, batch, seq int) {
	fs := c.Flags()
	fs.Float64Var(&f.lr, "lr", lr, "learning rate")
	fs.Float64Var(&f.beta1, "beta1", 0.9, "AdamW beta1")
	fs.Float64Var(&f.beta2, "beta2", 0.999, "AdamW beta2")
	fs.Float64Var(&f.eps, "eps", 1e-8, "AdamW epsilon")
	fs.Float64Var(&f.decay, "weight-decay", 0, "AdamW weight decay")
	fs.Float64Var(&f.clip, "clip", 1, "bound of the gradient norm (0: none)")
	fs.IntVar(&f.warmup, "warmup", 5, "warm-up steps")
	fs.StringVar(&f.schedule, "schedule", protocol.ScheduleConstant, "constant, linear or cosine")
	fs.StringVar(&f.loss, "loss", protocol.LossSFT, "sft, or expr: and an expression such as expr:mean(min(-logp,4)) (docs/losses.md)")
	fs.IntVar(&f.batch, "batch", batch, "sequences per step")
	fs.IntVar(&f.seq, "seq", seq, "sequence length: longer records are cut")
	fs.IntVar(&f.rank, "rank", 8, "LoRA rank")
	fs.IntVar(&f.alpha, "alpha", 16, "LoRA alpha")
	fs.StringVar(&f.targets, "targets", "all", "projections to adapt, e.g. q_proj,v_proj")
	fs.BoolVar(&f.freezeA, "freeze-a", false, "train B only")
}

// nano turns a real setting into the chain's unit of 1e-9.
func nano(name string, v float64) (uint64, error) {
	if !(v >= 0) || v > 1e9 {
		return 0, fmt.Errorf("%s %g must lie between 0 and 1e9", name, v)
	}
	n := uint64(math.Round(v * protocol.Nano))
	if n == 0 && v > 0 {
		return 0, fmt.Errorf("%s %g is below the smallest unit of 1e-9", name, v)
	}
	return n, nil
}

// apply writes the settings into a spec.
func (f *hyperFlags) apply(s *protocol.RunSpec) error {
	for _, x := range []struct {
		name string
		v    float64
		to   *uint64
	}{{"lr", f.lr, &s.Inner.LR}, {"beta1", f.beta1, &s.Inner.Beta1}, {"beta2", f.beta2, &s.Inner.Beta2}, {"eps", f.eps, &s.Inner.Eps},
		{"weight-decay", f.decay, &s.Inner.WeightDecay}, {"clip", f.clip, &s.Inner.Clip}} {
		n, err := nano(x.name, x.v)
		if err != nil {
			return err
		}
		*x.to = n
	}
	for _, x := range []struct {
		name string
		v    int
		to   *uint32
	}{{"warmup", f.warmup, &s.Inner.WarmupSteps}, {"batch", f.batch, &s.Batch}, {"seq", f.seq, &s.SeqLen}} {
		if x.v < 0 || x.v > math.MaxInt32 {
			return fmt.Errorf("%s %d must lie between 0 and %d", x.name, x.v, math.MaxInt32)
		}
		*x.to = uint32(x.v)
	}
	s.Inner.Schedule, s.Loss = f.schedule, f.loss
	_, err := loss.FromSpec(f.loss)
	return err
}

func (f *hyperFlags) adapter() ckpt.AdapterSpec {
	a := ckpt.AdapterSpec{Rank: f.rank, Alpha: f.alpha, Targets: targetsFlag(f.targets)}
	if f.freezeA {
		a.FreezeA = 1
	}
	return a
}
