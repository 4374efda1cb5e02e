package protocol

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Limits of a spec. They bound the work and the state of one round, so that
// no vote can open a run that a block cannot carry.
const (
	MaxModelName    = 64
	MaxNameLen      = 128
	MaxLossText     = 512 // of the expression after LossExpr
	MaxTrainersCap  = 1024
	MaxSlotsCap     = 64
	MaxRoundSlots   = 1 << 13
	MaxInnerSteps   = 1 << 16
	MaxBatch        = 1 << 12
	MaxSeqLen       = 1 << 17
	MaxRounds       = 1 << 20
	MaxUnsettledCap = 16
	MaxMissesCap    = 1000
	MaxAudits       = 16
	MaxSegments     = 1 << 12 // of one slot
	MaxPhase        = 90 * 24 * time.Hour
	MaxRunLength    = 10 * 365 * 24 * time.Hour
)

// Limits of a trace, which follow from those of a spec. Whatever carries leaves
// or proofs is bounded by them.
const (
	MaxLeaves = MaxSegments + 1 // the start and the end of every segment
	MaxPath   = 13              // digests in the proof of a leaf: the depth of a tree of MaxLeaves
)

// problems collects what is wrong with a spec.
type problems []error

func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf(format, args...))
	}
}

// within says whether a number is good, so that what depends on it is not complained about as well.
func (p *problems) within(name string, v, low, high uint64) bool {
	ok := v >= low && v <= high
	p.check(ok, "%s is %d, wants %d to %d", name, v, low, high)
	return ok
}

// real is within for settings in units of 1/Nano, which people write as decimals.
func (p *problems) real(name string, v, low, high uint64) {
	p.check(v >= low && v <= high, "%s is %s, wants %s to %s", name, Decimal(v), Decimal(low), Decimal(high))
}

// Decimal is a setting in units of 1/Nano as people write it.
func Decimal(v uint64) string {
	text := fmt.Sprintf("%d.%09d", v/Nano, v%Nano)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (p *problems) oneOf(name, v string, known ...string) {
	p.check(slices.Contains(known, v), "%s is %q, wants one of %q", name, v, known)
}

// Validate returns nil when the run can be carried out, and otherwise every
// problem it has, joined (errors.Join), each starting with its key in a spec file
// (docs/spec.md).
func (s RunSpec) Validate() error { return errors.Join(s.problems()...) }

// Problems is Validate with one line of text for each problem.
func (s RunSpec) Problems() []string {
	found := s.problems()
	lines := make([]string, 0, len(found))
	for _, err := range found {
		lines = append(lines, err.Error())
	}
	return lines
}

func (s RunSpec) problems() problems {
	var p problems
	s.validateData(&p)
	s.validateTraining(&p)
	s.validateTimes(&p)
	s.validatePeople(&p)
	s.validateMoney(&p)
	return p
}

func (s RunSpec) validateData(p *problems) {
	p.check(s.Model != "" && len(s.Model) <= MaxModelName, "model: a name of 1 to %d bytes is needed", MaxModelName)
	p.check(!s.Tokens.IsZero(), "tokens: the digest of the training token set is needed")
	if s.EvalEvery == 0 {
		p.check(s.Eval.IsZero(), "eval: a set is given but eval_every is 0, so it would never be used")
	} else {
		p.check(!s.Eval.IsZero(), "eval: eval_every is %d, so the digest of the evaluation token set is needed", s.EvalEvery)
		p.check(s.Eval != s.Tokens, "eval: the evaluation set is the training set")
	}
	validateLoss(p, s.Loss)
	p.oneOf("numerics", s.Numerics, NumericsBF16, NumericsF32)
	p.oneOf("codec", s.Codec, CodecF32, CodecQ4)
}

// validateLoss checks the form alone. What an expression means is known to those who compute it (docs/losses.md); they
// refuse to propose and to train one that they cannot derive.
func validateLoss(p *problems, loss string) {
	text, expr := strings.CutPrefix(loss, LossExpr)
	if !expr {
		p.check(loss == LossSFT, "loss is %.40q, wants %q, or %q and an expression", loss, LossSFT, LossExpr)
		return
	}
	p.check(text != "" && len(text) <= MaxLossText, "loss: the expression has %d bytes, wants 1 to %d", len(text), MaxLossText)
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			p.check(false, "loss: byte %d of the expression is 0x%02x, wants printable ASCII", i+1, text[i])
			return
		}
	}
}

func (s RunSpec) validateTraining(p *problems) {
	p.within("sequence_len", uint64(s.SeqLen), 2, MaxSeqLen)
	if p.within("inner_steps", uint64(s.InnerSteps), 1, MaxInnerSteps) {
		p.check(s.Segment <= s.InnerSteps, "segment is %d, more than inner_steps %d", s.Segment, s.InnerSteps)
		p.check(s.Segments(s.InnerSteps) <= MaxSegments, "segment is %d: %d steps make more than %d segments", s.Segment, s.InnerSteps,
			MaxSegments)
		p.within("min_steps", uint64(s.MinSteps), 1, uint64(s.InnerSteps))
	}
	p.within("batch", uint64(s.Batch), 1, MaxBatch)
	p.real("learning_rate", s.Inner.LR, 1, 10*Nano)
	p.real("adam_beta1", s.Inner.Beta1, 0, Nano-1)
	p.real("adam_beta2", s.Inner.Beta2, 0, Nano-1)
	p.real("adam_epsilon", s.Inner.Eps, 1, Nano)
	p.real("weight_decay", s.Inner.WeightDecay, 0, Nano)
	p.real("max_grad_norm", s.Inner.Clip, 1, 1_000_000*Nano)
	p.oneOf("lr_scheduler", s.Inner.Schedule, ScheduleConstant, ScheduleLinear, ScheduleCosine)
	p.real("outer_learning_rate", s.Outer.LR, 1, 10*Nano)
	p.real("outer_momentum", s.Outer.Momentum, 0, Nano-1)
	p.check(!s.Outer.Nesterov || s.Outer.Momentum > 0, "outer_nesterov: it needs an outer_momentum above 0")
}

func (s RunSpec) validateTimes(p *problems) {
	good := true
	for _, t := range []struct {
		name  string
		value time.Duration
	}{
		{"train_time", s.TrainTime},
		{"publish_time", s.PublishTime},
		{"attest_time", s.AttestTime},
		{"review_time", s.ReviewTime},
		{"max_wait", s.MaxWait},
	} {
		ok := t.value > 0 && t.value <= MaxPhase
		p.check(ok, "%s is %s, wants above 0 and at most %s", t.name, t.value, MaxPhase)
		good = good && ok
	}
	if good {
		p.check(s.Grace >= 0 && s.Grace <= s.TrainTime, "grace is %s, wants 0 to train_time (%s)", s.Grace, s.TrainTime)
		p.check(s.Grace < s.AttestTime && s.Grace < s.ReviewTime,
			"grace is %s, wants less than attest_time (%s) and review_time (%s): votes are opened after it", s.Grace, s.AttestTime, s.ReviewTime)
	}
	p.check(s.MaxLength >= 0 && s.MaxLength <= MaxRunLength, "max_length is %s, wants 0 to %s", s.MaxLength, MaxRunLength)
}

func (s RunSpec) validatePeople(p *problems) {
	trainers := p.within("max_trainers", uint64(s.MaxTrainers), 1, MaxTrainersCap)
	if trainers {
		p.within("min_trainers", uint64(s.MinTrainers), 1, uint64(s.MaxTrainers))
	}
	if p.within("max_slots", uint64(s.MaxSlots), 1, MaxSlotsCap) && trainers {
		p.check(mulAtMost(uint64(s.MaxTrainers), uint64(s.MaxSlots), MaxRoundSlots),
			"max_trainers x max_slots is %d x %d, wants at most %d slots in a round", s.MaxTrainers, s.MaxSlots, MaxRoundSlots)
	}
	p.within("min_attesters", uint64(s.MinAttesters), 1, MaxAttesters)
	p.within("audits", uint64(s.Audits), 1, MaxAudits)
	p.within("max_misses", uint64(s.MaxMisses), 1, MaxMissesCap)
	p.within("max_unsettled", uint64(s.MaxUnsettled), 1, MaxUnsettledCap)
}

func (s RunSpec) validateMoney(p *problems) {
	rounds := p.within("rounds", uint64(s.Rounds), 1, MaxRounds)
	// Amounts stay below 2^63 so that sums of two never wrap.
	budget := p.within("budget", s.Budget, 0, math.MaxInt64)
	p.check(s.Community <= s.Budget, "community is %d, more than budget %d", s.Community, s.Budget)
	reward := p.within("reward_per_round", s.RewardPerRound, 0, math.MaxInt64)
	p.within("shares_per_round", s.SharesPerRound, 0, math.MaxInt64)
	p.within("bond_per_slot", s.BondPerSlot, 0, math.MaxInt64/MaxSlotsCap)
	p.check(!rounds || !budget || !reward || mulAtMost(s.RewardPerRound, uint64(s.Rounds), s.Budget),
		"budget is %d: it does not pay %d rounds of %d", s.Budget, s.Rounds, s.RewardPerRound)
	p.check(s.RewardPerRound > 0 || s.Budget == 0, "reward_per_round is 0 but budget is %d: it could never be spent", s.Budget)
	p.check(s.RewardPerRound > 0 || s.MaxLength == 0, "max_length: a run without reward has nothing to lengthen it with")
	sum := uint64(s.Split.Trainers) + uint64(s.Split.Attesters) + uint64(s.Split.Owner) + uint64(s.Split.Data)
	p.check(sum == BasisPoints, "split_trainers, split_attesters, split_owner and split_data sum to %d basis points, want %d", sum,
		BasisPoints)
	p.check(s.Split.Data == 0 || s.DataOwner != "", "data_owner: split_data is %d, so the account that earns it is needed", s.Split.Data)
	p.check(s.Split.Data > 0 || s.DataOwner == "", "data_owner: an account is given but split_data is 0")
	p.check(len(s.DataOwner) <= MaxNameLen, "data_owner: longer than %d bytes", MaxNameLen)
}
