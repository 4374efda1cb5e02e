package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/x/round/protocol"
)

// specField reads one key of a spec file.
type specField struct {
	name string
	set  func(s *protocol.RunSpec, v string) error
}

func uintField[T uint32 | uint64](name string, at func(*protocol.RunSpec) *T) specField {
	return specField{name, func(s *protocol.RunSpec, v string) error {
		bits := 64
		if _, small := any(*at(s)).(uint32); small {
			bits = 32
		}
		n, err := strconv.ParseUint(v, 10, bits)
		if err != nil {
			return fmt.Errorf("%q is not a whole number of at most %d bits", v, bits)
		}
		*at(s) = T(n)
		return nil
	}}
}

func realField(name string, at func(*protocol.RunSpec) *uint64) specField {
	return specField{name, func(s *protocol.RunSpec, v string) error {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(f) {
			return fmt.Errorf("%q is not a number", v)
		}
		n, err := nano(name, f)
		if err == nil {
			*at(s) = n
		}
		return err
	}}
}

func timeField(name string, at func(*protocol.RunSpec) *time.Duration) specField {
	return specField{name, func(s *protocol.RunSpec, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s or 10m", v)
		}
		*at(s) = d
		return nil
	}}
}

func digestField(name string, at func(*protocol.RunSpec) *digest.Digest) specField {
	return specField{name, func(s *protocol.RunSpec, v string) error {
		d, err := digest.Parse(v)
		*at(s) = d
		return err
	}}
}

func textField(name string, at func(*protocol.RunSpec) *string) specField {
	return specField{name, func(s *protocol.RunSpec, v string) error { *at(s) = v; return nil }}
}

// specFields are the keys of a spec file, in the order of docs/owners.md.
var specFields = []specField{
	textField("model", func(s *protocol.RunSpec) *string { return &s.Model }),
	digestField("tokens", func(s *protocol.RunSpec) *digest.Digest { return &s.Tokens }),
	digestField("eval", func(s *protocol.RunSpec) *digest.Digest { return &s.Eval }),
	uintField("eval_every", func(s *protocol.RunSpec) *uint32 { return &s.EvalEvery }),
	uintField("sequence_len", func(s *protocol.RunSpec) *uint32 { return &s.SeqLen }),
	uintField("inner_steps", func(s *protocol.RunSpec) *uint32 { return &s.InnerSteps }),
	uintField("segment", func(s *protocol.RunSpec) *uint32 { return &s.Segment }),
	uintField("batch", func(s *protocol.RunSpec) *uint32 { return &s.Batch }),
	realField("learning_rate", func(s *protocol.RunSpec) *uint64 { return &s.Inner.LR }),
	realField("adam_beta1", func(s *protocol.RunSpec) *uint64 { return &s.Inner.Beta1 }),
	realField("adam_beta2", func(s *protocol.RunSpec) *uint64 { return &s.Inner.Beta2 }),
	realField("adam_epsilon", func(s *protocol.RunSpec) *uint64 { return &s.Inner.Eps }),
	realField("weight_decay", func(s *protocol.RunSpec) *uint64 { return &s.Inner.WeightDecay }),
	realField("max_grad_norm", func(s *protocol.RunSpec) *uint64 { return &s.Inner.Clip }),
	uintField("warmup_steps", func(s *protocol.RunSpec) *uint32 { return &s.Inner.WarmupSteps }),
	textField("lr_scheduler", func(s *protocol.RunSpec) *string { return &s.Inner.Schedule }),
	realField("outer_learning_rate", func(s *protocol.RunSpec) *uint64 { return &s.Outer.LR }),
	realField("outer_momentum", func(s *protocol.RunSpec) *uint64 { return &s.Outer.Momentum }),
	{"outer_nesterov", func(s *protocol.RunSpec, v string) (err error) {
		s.Outer.Nesterov, err = strconv.ParseBool(v)
		return err
	}},
	realField("norm_cap", func(s *protocol.RunSpec) *uint64 { return &s.Outer.NormCap }),
	{"loss", func(s *protocol.RunSpec, v string) error {
		s.Loss = v
		if !strings.HasPrefix(v, protocol.LossExpr) {
			return nil // RunSpec.Problems knows what else there is
		}
		_, err := loss.FromSpec(v)
		return err
	}},
	textField("numerics", func(s *protocol.RunSpec) *string { return &s.Numerics }),
	textField("codec", func(s *protocol.RunSpec) *string { return &s.Codec }),
	timeField("train_time", func(s *protocol.RunSpec) *time.Duration { return &s.TrainTime }),
	timeField("publish_time", func(s *protocol.RunSpec) *time.Duration { return &s.PublishTime }),
	timeField("attest_time", func(s *protocol.RunSpec) *time.Duration { return &s.AttestTime }),
	timeField("review_time", func(s *protocol.RunSpec) *time.Duration { return &s.ReviewTime }),
	timeField("grace", func(s *protocol.RunSpec) *time.Duration { return &s.Grace }),
	timeField("max_wait", func(s *protocol.RunSpec) *time.Duration { return &s.MaxWait }),
	timeField("max_length", func(s *protocol.RunSpec) *time.Duration { return &s.MaxLength }),
	uintField("min_trainers", func(s *protocol.RunSpec) *uint32 { return &s.MinTrainers }),
	uintField("max_trainers", func(s *protocol.RunSpec) *uint32 { return &s.MaxTrainers }),
	uintField("max_slots", func(s *protocol.RunSpec) *uint32 { return &s.MaxSlots }),
	uintField("min_steps", func(s *protocol.RunSpec) *uint32 { return &s.MinSteps }),
	uintField("audits", func(s *protocol.RunSpec) *uint32 { return &s.Audits }),
	uintField("min_attesters", func(s *protocol.RunSpec) *uint32 { return &s.MinAttesters }),
	uintField("max_misses", func(s *protocol.RunSpec) *uint32 { return &s.MaxMisses }),
	uintField("max_unsettled", func(s *protocol.RunSpec) *uint32 { return &s.MaxUnsettled }),
	uintField("bond_per_slot", func(s *protocol.RunSpec) *uint64 { return &s.BondPerSlot }),
	uintField("rounds", func(s *protocol.RunSpec) *uint32 { return &s.Rounds }),
	uintField("budget", func(s *protocol.RunSpec) *uint64 { return &s.Budget }),
	uintField("community", func(s *protocol.RunSpec) *uint64 { return &s.Community }),
	uintField("reward_per_round", func(s *protocol.RunSpec) *uint64 { return &s.RewardPerRound }),
	uintField("shares_per_round", func(s *protocol.RunSpec) *uint64 { return &s.SharesPerRound }),
	uintField("split_trainers", func(s *protocol.RunSpec) *uint32 { return &s.Split.Trainers }),
	uintField("split_attesters", func(s *protocol.RunSpec) *uint32 { return &s.Split.Attesters }),
	uintField("split_owner", func(s *protocol.RunSpec) *uint32 { return &s.Split.Owner }),
	uintField("split_data", func(s *protocol.RunSpec) *uint32 { return &s.Split.Data }),
	{"data_owner", func(s *protocol.RunSpec, v string) error { s.DataOwner = protocol.Account(v); return nil }},
}

// readSpec reads a run's spec from YAML. What is not given has the value of a small run; every problem is listed, with
// its line where it has one.
func readSpec(path string) (*protocol.RunSpec, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, failed("read the spec", path, err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, failed("read the spec", path, err)
	}
	s := trainer.DefaultSpec()
	var ps []string
	if len(doc.Content) > 0 {
		ps = fillSpec(&s, doc.Content[0])
	}
	ps = append(ps, s.Problems()...)
	if err := problems(ps); err != nil {
		return nil, &OpError{Op: "use the spec", Ref: path, Err: err, Hint: "docs/owners.md explains every key"}
	}
	return &s, nil
}

func fillSpec(s *protocol.RunSpec, n *yaml.Node) (ps []string) {
	known := make([]string, len(specFields))
	byName := map[string]specField{}
	for i, f := range specFields {
		known[i], byName[f.name] = f.name, f
	}
	if n.Kind != yaml.MappingNode {
		return []string{fmt.Sprintf("line %d: want keys and values", n.Line)}
	}
	for i := 0; i < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		f, ok := byName[k.Value]
		if !ok {
			one := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{k, v}}
			ps = append(ps, unknownKey(one, known).Error())
			continue
		}
		if err := f.set(s, v.Value); err != nil {
			ps = append(ps, fmt.Sprintf("line %d: %s: %v", v.Line, k.Value, err))
		}
	}
	return ps
}
