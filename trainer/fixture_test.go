package trainer

import (
	"bytes"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

const (
	nano   = protocol.Nano
	seqLen = 64
	hour   = time.Hour
)

// fixture is the tiny base with its data, and a spec of small rounds over them.
type fixture struct {
	model       *llm.Model
	base        digest.Digest
	adapter     ckpt.AdapterSpec
	train, eval *data.TokenSet
	trainID     digest.Digest
	evalID      digest.Digest
	spec        protocol.RunSpec
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := base.Open(filepath.Join(dir, tiny.Base))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e, err := exact.New(exact.BFloat16, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{adapter: ckpt.AdapterSpec{Rank: 4, Alpha: 8, Targets: []string{"q_proj", "v_proj"}}}
	if f.model, err = b.Load(e, 0); err != nil {
		t.Fatal(err)
	}
	if f.base, err = b.Digest(); err != nil {
		t.Fatal(err)
	}
	f.train, f.trainID = tokens(t, b, tiny.Train, 200)
	f.eval, f.evalID = tokens(t, b, tiny.Eval, 6)
	f.spec = protocol.RunSpec{
		Model: "tiny", Tokens: f.trainID, Eval: f.evalID, EvalEvery: 1,
		SeqLen: seqLen, InnerSteps: 5, Segment: 2, Batch: 2,
		Inner: protocol.AdamW{LR: nano / 500, Beta1: nano / 10 * 9, Beta2: nano / 1000 * 999, Eps: 10, Clip: nano, WarmupSteps: 2, Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: nano * 7 / 10, Momentum: nano / 2, Nesterov: true}, Loss: "sft", Numerics: protocol.NumericsBF16, Codec: protocol.CodecQ4,
		TrainTime: hour, PublishTime: hour, AttestTime: hour, ReviewTime: hour, Grace: hour / 2, MaxWait: hour,
		MinTrainers: 3, MaxTrainers: 16, MaxSlots: 4, MinSteps: 1, Audits: 1, MinAttesters: 1, MaxMisses: 3, MaxUnsettled: 2,
		BondPerSlot: 1000, Rounds: 3, Budget: 3_000_000, RewardPerRound: 1_000_000, SharesPerRound: 1000,
		Split: protocol.Split{Trainers: 8000, Attesters: 1500, Owner: 500},
	}
	return f
}

// tokens is the token set of the first n records of one of the tiny base's files.
func tokens(t *testing.T, b *base.Base, file string, n int) (*data.TokenSet, digest.Digest) {
	t.Helper()
	raw, err := fs.ReadFile(tiny.FS(), file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfterN(raw, []byte("\n"), n+1)
	ds, err := data.ReadJSONL(bytes.NewReader(bytes.Join(lines[:n], nil)), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	bl, err := b.Builder(seqLen)
	if err != nil {
		t.Fatal(err)
	}
	s, err := bl.Build(ds)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return s, digest.Sum(enc)
}

// first is the model's first checkpoint.
func (f *fixture) first(t *testing.T) *Checkpoint {
	t.Helper()
	cp, err := InitialCheckpoint(mem.New(), f.spec.Model, f.base, f.adapter, f.model.Config)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

// job is a slot of the first round, of three slots.
func (f *fixture) job(t *testing.T, slot uint32) *Job {
	t.Helper()
	return NewJob(&f.spec, &protocol.Round{Run: 1, Number: 1, Slots: 3}, slot, f.first(t), f.train)
}

func openStates(t *testing.T) *States {
	t.Helper()
	s, err := OpenStates(filepath.Join(t.TempDir(), "states"), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func never() time.Time { return time.Now().Add(hour) }

var quiet = slog.New(slog.DiscardHandler)
