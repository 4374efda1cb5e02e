package types

import (
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// decoder collects the first malformed digest of a message, so that the
// conversions below read as lists of fields.
type decoder struct{ err error }

func (d *decoder) digest(name, text string) digest.Digest {
	out, err := digest.ParseText(text)
	if err != nil && d.err == nil {
		d.err = ErrInvalid.Wrapf("%s: %s", name, err)
	}
	return out
}

// ParseDigest reads a digest field of a message; name is the field's.
func ParseDigest(name, text string) (digest.Digest, error) {
	var d decoder
	out := d.digest(name, text)
	return out, d.err
}

// SpecOf makes the message of a spec.
func SpecOf(s protocol.RunSpec) RunSpec {
	return RunSpec{
		Model: s.Model, Tokens: s.Tokens.Text(), Eval: s.Eval.Text(), EvalEvery: s.EvalEvery,
		SeqLen: s.SeqLen, InnerSteps: s.InnerSteps, Segment: s.Segment, Batch: s.Batch,
		Inner: AdamW{
			Lr: s.Inner.LR, Beta1: s.Inner.Beta1, Beta2: s.Inner.Beta2, Eps: s.Inner.Eps,
			WeightDecay: s.Inner.WeightDecay, Clip: s.Inner.Clip, WarmupSteps: s.Inner.WarmupSteps, Schedule: s.Inner.Schedule,
		},
		Outer: Outer{Lr: s.Outer.LR, Momentum: s.Outer.Momentum, Nesterov: s.Outer.Nesterov, NormCap: s.Outer.NormCap},
		Loss:  s.Loss, Numerics: s.Numerics, Codec: s.Codec,
		TrainTime: s.TrainTime, PublishTime: s.PublishTime, AttestTime: s.AttestTime, ReviewTime: s.ReviewTime,
		Grace: s.Grace, MaxWait: s.MaxWait,
		MinTrainers: s.MinTrainers, MaxTrainers: s.MaxTrainers, MaxSlots: s.MaxSlots, MinSteps: s.MinSteps,
		Audits: s.Audits, MinAttesters: s.MinAttesters, MaxMisses: s.MaxMisses, MaxUnsettled: s.MaxUnsettled,
		BondPerSlot: s.BondPerSlot, Rounds: s.Rounds, MaxLength: s.MaxLength,
		Budget: s.Budget, Community: s.Community, RewardPerRound: s.RewardPerRound, SharesPerRound: s.SharesPerRound,
		Split:     Split{Trainers: s.Split.Trainers, Attesters: s.Split.Attesters, Owner: s.Split.Owner, Data: s.Split.Data},
		DataOwner: string(s.DataOwner),
	}
}

// Protocol is the inverse of SpecOf. It does not validate.
func (s RunSpec) Protocol() (protocol.RunSpec, error) {
	var d decoder
	out := protocol.RunSpec{
		Model: s.Model, Tokens: d.digest("tokens", s.Tokens), Eval: d.digest("eval", s.Eval), EvalEvery: s.EvalEvery,
		SeqLen: s.SeqLen, InnerSteps: s.InnerSteps, Segment: s.Segment, Batch: s.Batch,
		Inner: protocol.AdamW{
			LR: s.Inner.Lr, Beta1: s.Inner.Beta1, Beta2: s.Inner.Beta2, Eps: s.Inner.Eps,
			WeightDecay: s.Inner.WeightDecay, Clip: s.Inner.Clip, WarmupSteps: s.Inner.WarmupSteps, Schedule: s.Inner.Schedule,
		},
		Outer: protocol.Outer{LR: s.Outer.Lr, Momentum: s.Outer.Momentum, Nesterov: s.Outer.Nesterov, NormCap: s.Outer.NormCap},
		Loss:  s.Loss, Numerics: s.Numerics, Codec: s.Codec,
		TrainTime: s.TrainTime, PublishTime: s.PublishTime, AttestTime: s.AttestTime, ReviewTime: s.ReviewTime,
		Grace: s.Grace, MaxWait: s.MaxWait,
		MinTrainers: s.MinTrainers, MaxTrainers: s.MaxTrainers, MaxSlots: s.MaxSlots, MinSteps: s.MinSteps,
		Audits: s.Audits, MinAttesters: s.MinAttesters, MaxMisses: s.MaxMisses, MaxUnsettled: s.MaxUnsettled,
		BondPerSlot: s.BondPerSlot, Rounds: s.Rounds, MaxLength: s.MaxLength,
		Budget: s.Budget, Community: s.Community, RewardPerRound: s.RewardPerRound, SharesPerRound: s.SharesPerRound,
		Split:     protocol.Split{Trainers: s.Split.Trainers, Attesters: s.Split.Attesters, Owner: s.Split.Owner, Data: s.Split.Data},
		DataOwner: protocol.Account(s.DataOwner),
	}
	return out, d.err
}
