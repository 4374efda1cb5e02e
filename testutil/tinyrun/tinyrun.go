package tinyrun

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// Numbers that the spec is made of.
const (
	Nano   = protocol.Nano
	SeqLen = 64
	Hour   = time.Hour
)

// Run is the tiny base with its data, and a spec of small rounds over them.
type Run struct {
	Model           *llm.Model
	Base            digest.Digest
	Adapter         ckpt.AdapterSpec
	Train, Eval     *data.TokenSet
	TrainID, EvalID digest.Digest
	Spec            protocol.RunSpec
}

// New makes one.
func New(t testing.TB) *Run {
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
	f := &Run{Adapter: ckpt.AdapterSpec{Rank: 4, Alpha: 8, Targets: []string{"q_proj", "v_proj"}}}
	if f.Model, err = b.Load(e, 0); err != nil {
		t.Fatal(err)
	}
	if f.Base, err = b.Digest(); err != nil {
		t.Fatal(err)
	}
	f.Train, f.TrainID = tokens(t, b, tiny.Train, 200)
	f.Eval, f.EvalID = tokens(t, b, tiny.Eval, 6)
	f.Spec = protocol.RunSpec{
		Model: "tiny", Tokens: f.TrainID, Eval: f.EvalID, EvalEvery: 1,
		SeqLen: SeqLen, InnerSteps: 5, Segment: 2, Batch: 2,
		Inner: protocol.AdamW{LR: Nano / 500, Beta1: Nano / 10 * 9, Beta2: Nano / 1000 * 999, Eps: 10, Clip: Nano, WarmupSteps: 2,
			Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: Nano * 7 / 10, Momentum: Nano / 2,
			Nesterov: true}, Loss: "sft", Numerics: protocol.NumericsBF16, Codec: protocol.CodecQ4,
		TrainTime: Hour, PublishTime: Hour, AttestTime: Hour, ReviewTime: Hour, Grace: Hour / 2, MaxWait: Hour,
		MinTrainers: 3, MaxTrainers: 16, MaxSlots: 4, MinSteps: 1, Audits: 1, MinAttesters: 1, MaxMisses: 3, MaxUnsettled: 2,
		BondPerSlot: 1000, Rounds: 3, Budget: 3_000_000, RewardPerRound: 1_000_000, SharesPerRound: 1000,
		Split: protocol.Split{Trainers: 8000, Attesters: 1500, Owner: 500},
	}
	return f
}

// tokens is the token set of the first n records of one of the tiny base's files.
func tokens(t testing.TB, b *base.Base, file string, n int) (*data.TokenSet, digest.Digest) {
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
	bl, err := b.Builder(SeqLen)
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

// First is the model's first checkpoint.
func (f *Run) First(t testing.TB) *checkpoint.Checkpoint {
	t.Helper()
	cp, err := checkpoint.Initial(mem.New(), f.Spec.Model, f.Base, f.Adapter, f.Model.Config)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

// Job is a slot of the first round, of three slots.
func (f *Run) Job(t testing.TB, slot uint32) *replay.Job {
	t.Helper()
	return replay.NewJob(&f.Spec, &protocol.Round{Run: 1, Number: 1, Slots: 3}, slot, f.First(t), f.Train)
}

// Snapshots is an empty folder of snapshots without a bound.
func Snapshots(t testing.TB) *slot.Snapshots {
	t.Helper()
	s, err := slot.OpenSnapshots(filepath.Join(t.TempDir(), "snapshots"), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Never is a deadline that does not come.
func Never() time.Time { return time.Now().Add(Hour) }

// Quiet logs nothing.
var Quiet = slog.New(slog.DiscardHandler)

// Whole does a slot's work without interruption.
func (f *Run) Whole(t testing.TB, j *replay.Job, keep *slot.Snapshots) *slot.Result {
	t.Helper()
	out, err := slot.Run(t.Context(), f.Model.NewWork(1), j, keep, mem.New(), Never, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Interrupted does a slot's work up to the given step and is cancelled there.
func (f *Run) Interrupted(t testing.TB, j *replay.Job, keep *slot.Snapshots, at uint32) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := slot.Run(ctx, f.Model.NewWork(1), j, keep, mem.New(), Never, func(step uint32, _ replay.StepRecord) {
		if step == at {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// Spoil changes one bit of every snapshot that a slot's folder holds.
func Spoil(t testing.TB, keep *slot.Snapshots, j *replay.Job) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(keep.Folder(j), "*.snapshot"))
	if err != nil || len(files) == 0 {
		t.Fatal("no snapshots: ", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b[18] ^= 8 // of the first parameter
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
