package runspec

import (
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/x/round/protocol"
)

type spec = protocol.RunSpec

// Fields are all settings of a spec, in the order of spec files.
var Fields = grouped(
	group{"what is trained", []Field{
		text("model", "name of the model", func(s *spec) *string { return &s.Model }),
		pin("tokens", "token set with the training records", func(s *spec) *digest.Digest { return &s.Tokens }),
		pin("eval", "token set with the evaluation records; none of them may be a training record",
			func(s *spec) *digest.Digest { return &s.Eval }),
		whole("eval_every", "rounds", "rounds between evaluations (0: never); the last round always",
			func(s *spec) *uint32 { return &s.EvalEvery }),
	}},
	group{"training", []Field{
		whole("sequence_len", "tokens", "longest sequence; longer records are cut", func(s *spec) *uint32 { return &s.SeqLen }).flag("seq"),
		whole("inner_steps", "steps", "optimizer steps of a slot in one round (H)",
			func(s *spec) *uint32 { return &s.InnerSteps }).flag("inner-steps"),
		whole("segment", "steps", "steps between two kept snapshots: what one audit recomputes (0: ⌈√H⌉)",
			func(s *spec) *uint32 { return &s.Segment }),
		whole("batch", "sequences", "sequences of a step", func(s *spec) *uint32 { return &s.Batch }).flag("batch"),
		decimal("learning_rate", "AdamW's learning rate", func(s *spec) *uint64 { return &s.Inner.LR }).flag("lr"),
		decimal("adam_beta1", "AdamW's beta1", func(s *spec) *uint64 { return &s.Inner.Beta1 }).flag("beta1"),
		decimal("adam_beta2", "AdamW's beta2", func(s *spec) *uint64 { return &s.Inner.Beta2 }).flag("beta2"),
		decimal("adam_epsilon", "AdamW's epsilon", func(s *spec) *uint64 { return &s.Inner.Eps }).flag("eps"),
		decimal("weight_decay", "AdamW's weight decay", func(s *spec) *uint64 { return &s.Inner.WeightDecay }).flag("weight-decay"),
		decimal("max_grad_norm", "bound of the gradient's norm", func(s *spec) *uint64 { return &s.Inner.Clip }).flag("clip"),
		whole("warmup_steps", "steps", "steps of linear warm-up", func(s *spec) *uint32 { return &s.Inner.WarmupSteps }).flag("warmup"),
		text("lr_scheduler", "constant, linear or cosine", func(s *spec) *string { return &s.Inner.Schedule }).flag("schedule"),
		lossField().flag("loss"),
		text("numerics", "arithmetic: exact-bf16/1 or exact-f32/1 (docs/numerics.md)", func(s *spec) *string { return &s.Numerics }),
	}},
	group{"folding", []Field{
		decimal("outer_learning_rate", "how far the mean delta moves the checkpoint",
			func(s *spec) *uint64 { return &s.Outer.LR }).flag("outer-lr"),
		decimal("outer_momentum", "momentum over rounds", func(s *spec) *uint64 { return &s.Outer.Momentum }).flag("outer-momentum"),
		truth("outer_nesterov", "Nesterov's momentum", func(s *spec) *bool { return &s.Outer.Nesterov }).flag("nesterov"),
		decimal("norm_cap", "longest delta; longer ones are scaled down to it (0: none)", func(s *spec) *uint64 { return &s.Outer.NormCap }),
		text("codec", "compression of deltas: q4 or f32", func(s *spec) *string { return &s.Codec }).flag("codec"),
	}},
	group{"times", []Field{
		period("train_time", "hard length of TRAIN", func(s *spec) *time.Duration { return &s.TrainTime }),
		period("publish_time", "hard length of PUBLISH", func(s *spec) *time.Duration { return &s.PublishTime }),
		period("attest_time", "hard length of one attempt of ATTEST", func(s *spec) *time.Duration { return &s.AttestTime }),
		period("review_time", "hard length of REVIEW", func(s *spec) *time.Duration { return &s.ReviewTime }),
		period("grace", "what the others have left once two thirds are in", func(s *spec) *time.Duration { return &s.Grace }),
		period("max_wait", "longest wait for people before the run ends and refunds", func(s *spec) *time.Duration { return &s.MaxWait }),
		period("max_length", "end time, up to which unspent reward buys further rounds (0s: exactly rounds)",
			func(s *spec) *time.Duration { return &s.MaxLength }),
	}},
	group{"people", []Field{
		whole("min_trainers", "", "active trainers that a round needs", func(s *spec) *uint32 { return &s.MinTrainers }),
		whole("max_trainers", "", "trainers selected for one round, at most", func(s *spec) *uint32 { return &s.MaxTrainers }),
		whole("max_slots", "", "slots that one trainer may take", func(s *spec) *uint32 { return &s.MaxSlots }),
		whole("min_steps", "steps", "fewer steps than this in a slot is LATE", func(s *spec) *uint32 { return &s.MinSteps }),
		whole("audits", "segments",
			"segments that attesters recompute of each included slot, on average, 1 to 16: more lower the bond that deters",
			func(s *spec) *uint32 { return &s.Audits }),
		whole("min_attesters", "", "ready attesters that a round needs", func(s *spec) *uint32 { return &s.MinAttesters }),
		whole("max_misses", "rounds", "missed rounds in a row that make a trainer INACTIVE", func(s *spec) *uint32 { return &s.MaxMisses }),
		whole("max_unsettled", "rounds", "rounds in REVIEW at one time, at most", func(s *spec) *uint32 { return &s.MaxUnsettled }),
	}},
	group{"money", []Field{
		amount("bond_per_slot", "locked for each slot, and once by each attester", func(s *spec) *uint64 { return &s.BondPerSlot }),
		whole("rounds", "rounds", "planned rounds", func(s *spec) *uint32 { return &s.Rounds }).flag("rounds"),
		amount("budget", "moved into escrow when the run opens", func(s *spec) *uint64 { return &s.Budget }),
		amount("community", "part of the budget from the community pool; it needs three trainers and the chain's floor of attesters and stake, "+
			"and pays the owner nothing", func(s *spec) *uint64 { return &s.Community }),
		amount("reward_per_round", "most that a round pays", func(s *spec) *uint64 { return &s.RewardPerRound }),
		whole("shares_per_round", "shares", "shares that a round mints, at most", func(s *spec) *uint64 { return &s.SharesPerRound }),
		share("split_trainers", "the trainers' part of reward and shares", func(s *spec) *uint32 { return &s.Split.Trainers }),
		share("split_attesters", "the attesters' part", func(s *spec) *uint32 { return &s.Split.Attesters }),
		share("split_owner", "the owner's part", func(s *spec) *uint32 { return &s.Split.Owner }),
		share("split_data", "the part of the data's owner; the four sum to 10000", func(s *spec) *uint32 { return &s.Split.Data }),
		text("data_owner", "account that earns split_data", func(s *spec) *protocol.Account { return &s.DataOwner }),
	}},
)

type group struct {
	name   string
	fields []Field
}

func grouped(groups ...group) (all []Field) {
	for _, g := range groups {
		for _, f := range g.fields {
			f.Group = g.name
			all = append(all, f)
		}
	}
	return all
}

// lossField derives an expression when it is set: one that cannot be trained is refused where it enters.
func lossField() Field {
	f := text("loss", "sft, or expr: and an expression such as expr:mean(min(-logp,4)) (docs/losses.md)",
		func(s *spec) *string { return &s.Loss })
	f.Set = func(s *spec, v string) error {
		s.Loss = v
		if !strings.HasPrefix(v, protocol.LossExpr) {
			return nil // RunSpec.Problems knows what else there is
		}
		_, err := loss.FromSpec(v)
		return err
	}
	return f
}

// ByKey finds a field; nil when there is none of that key.
func ByKey(key string) *Field {
	for i := range Fields {
		if Fields[i].Key == key {
			return &Fields[i]
		}
	}
	return nil
}

// ByFlag finds a field by its flag; nil when there is none.
func ByFlag(flag string) *Field {
	for i := range Fields {
		if Fields[i].Flag == flag && flag != "" {
			return &Fields[i]
		}
	}
	return nil
}
