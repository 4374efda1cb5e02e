package protocol

import (
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Nano is the number of units in one: real-valued settings are integers in
// units of 1/Nano.
const Nano = 1_000_000_000

// BasisPoints is the whole in a Split.
const BasisPoints = 10_000

// Schedules of the inner learning rate after the warm-up.
const (
	ScheduleConstant = "constant"
	ScheduleLinear   = "linear"
	ScheduleCosine   = "cosine"
)

// Losses; docs/losses.md defines them.
const (
	LossSFT  = "sft"   // negative log-likelihood per answer token
	LossExpr = "expr:" // prefix of an expression over log-probabilities
)

// Numerics ids; docs/numerics.md defines them.
const (
	NumericsBF16 = "exact-bf16/1"
	NumericsF32  = "exact-f32/1"
)

// Codec ids of deltas.
const (
	CodecF32 = "f32"
	CodecQ4  = "q4"
)

// RunSpec is everything a vote decides about a run. It is immutable: its
// digest is what the model's owner approves and what trainers check.
type RunSpec struct {
	Model     string        // name of the model that the run trains
	Tokens    digest.Digest // token set with the training records
	Eval      digest.Digest // token set with the evaluation records; zero when EvalEvery is 0
	EvalEvery uint32        // a round is evaluated when its number is a multiple of this; 0: never

	SeqLen     uint32 // longest sequence, in tokens; longer records are cut
	InnerSteps uint32 // H: optimizer steps of one slot in one round
	Segment    uint32 // steps between two snapshots; 0: the square root of H, rounded up
	Batch      uint32 // sequences per step
	Inner      AdamW
	Outer      Outer
	Loss       string // LossSFT, or LossExpr and an expression
	Numerics   string // NumericsBF16 or NumericsF32
	Codec      string // CodecF32 or CodecQ4

	TrainTime   time.Duration // hard length of TRAIN
	PublishTime time.Duration // hard length of PUBLISH
	AttestTime  time.Duration // hard length of one attempt of ATTEST
	ReviewTime  time.Duration // hard length of REVIEW
	Grace       time.Duration // what is left to the others once two thirds are in
	MaxWait     time.Duration // longest WAITING before the run ends and refunds

	MinTrainers  uint32 // active trainers that a round needs
	MaxTrainers  uint32 // trainers selected for one round, at most
	MaxSlots     uint32 // slots that one trainer may enrol
	MinSteps     uint32 // fewer steps than this in a slot is LATE
	Audits       uint32 // segments that are recomputed for each included slot, on average
	MinAttesters uint32 // ready attesters that a round needs
	MaxMisses    uint32 // missed rounds in a row that make a trainer INACTIVE
	MaxUnsettled uint32 // rounds in REVIEW at one time, at most

	BondPerSlot    uint64        // uweft locked for each slot, and once by each attester
	Rounds         uint32        // planned rounds
	MaxLength      time.Duration // end time, counted from opening; up to it, unspent reward buys rounds beyond Rounds. 0: exactly Rounds
	Budget         uint64        // uweft moved into escrow
	Community      uint64        // part of Budget that comes from the community pool; the rest is the model's treasury's
	RewardPerRound uint64        // uweft
	SharesPerRound uint64        // units of share/<model>
	Split          Split
	DataOwner      Account // earns Split.Data; empty when that is 0
}

// AdamW is the inner optimizer. Real values are in units of 1/Nano.
type AdamW struct {
	LR          uint64
	Beta1       uint64
	Beta2       uint64
	Eps         uint64
	WeightDecay uint64
	Clip        uint64 // global gradient norm
	WarmupSteps uint32
	Schedule    string // ScheduleConstant, ScheduleLinear or ScheduleCosine
}

// Outer is the optimizer that folds a round's mean delta into the checkpoint:
// SGD with momentum. Real values are in units of 1/Nano.
type Outer struct {
	LR       uint64
	Momentum uint64
	Nesterov bool
	NormCap  uint64 // largest norm of one delta; longer ones are scaled down to it. 0: none
}

// Split divides a round's reward and shares, in basis points.
type Split struct {
	Trainers  uint32
	Attesters uint32
	Owner     uint32
	Data      uint32
}

// SegmentLen is the number of steps between two snapshots: the training states
// (parameters and moments) that a trainer keeps.
func (s RunSpec) SegmentLen() uint32 {
	if s.Segment != 0 {
		return s.Segment
	}
	root := uint32(0)
	for uint64(root)*uint64(root) < uint64(s.InnerSteps) {
		root++
	}
	return root
}

// Segments is the number of segments of a slot that did steps steps.
func (s RunSpec) Segments(steps uint32) uint32 {
	l := s.SegmentLen()
	return (steps + l - 1) / l
}

// SlotRecords is the number of sequences that one slot is dealt in a round.
func (s RunSpec) SlotRecords() uint64 { return uint64(s.InnerSteps) * uint64(s.Batch) }

// EvalDue says whether the checkpoint of a round is evaluated. Round 0 stands
// for the checkpoint that the run starts from.
func (s RunSpec) EvalDue(round uint64) bool {
	return s.EvalEvery > 0 && round%uint64(s.EvalEvery) == 0
}

// Digest identifies the spec: sha256 over all fields in the order they are
// declared.
func (s RunSpec) Digest() digest.Digest {
	e := newEncoder("weft/runspec/1")
	e.text(s.Model)
	e.digest(s.Tokens)
	e.digest(s.Eval)
	e.uint(uint64(s.EvalEvery))
	for _, v := range []uint32{s.SeqLen, s.InnerSteps, s.Segment, s.Batch} {
		e.uint(uint64(v))
	}
	for _, v := range []uint64{s.Inner.LR, s.Inner.Beta1, s.Inner.Beta2, s.Inner.Eps, s.Inner.WeightDecay, s.Inner.Clip} {
		e.uint(v)
	}
	e.uint(uint64(s.Inner.WarmupSteps))
	e.text(s.Inner.Schedule)
	e.uint(s.Outer.LR)
	e.uint(s.Outer.Momentum)
	e.flag(s.Outer.Nesterov)
	e.uint(s.Outer.NormCap)
	e.text(s.Loss)
	e.text(s.Numerics)
	e.text(s.Codec)
	for _, v := range []time.Duration{s.TrainTime, s.PublishTime, s.AttestTime, s.ReviewTime, s.Grace, s.MaxWait} {
		e.duration(v)
	}
	for _, v := range []uint32{
		s.MinTrainers, s.MaxTrainers, s.MaxSlots, s.MinSteps, s.Audits, s.MinAttesters, s.MaxMisses, s.MaxUnsettled,
	} {
		e.uint(uint64(v))
	}
	e.uint(s.BondPerSlot)
	e.uint(uint64(s.Rounds))
	e.duration(s.MaxLength)
	e.uint(s.Budget)
	e.uint(s.Community)
	e.uint(s.RewardPerRound)
	e.uint(s.SharesPerRound)
	for _, v := range []uint32{s.Split.Trainers, s.Split.Attesters, s.Split.Owner, s.Split.Data} {
		e.uint(uint64(v))
	}
	e.text(string(s.DataOwner))
	return e.sum()
}
