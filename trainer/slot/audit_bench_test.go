package slot_test

import (
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/shapes"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// BenchmarkAudit measures, on SmolLM2-135M's shape with the default spec, what a round costs a trainer, what auditing one
// segment of it costs an attester (with the state that the trainer serves, and without), and what serving that state costs
// the trainer, in parts of the round.
func BenchmarkAudit(b *testing.B) {
	j, m := smollm2Job(b)
	w := m.NewWork(0)
	for b.Loop() {
		keep, err := slot.OpenSnapshots(b.TempDir(), 0)
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		out, err := slot.Run(b.Context(), w, j, keep, mem.New(), tinyrun.Never, nil)
		if err != nil {
			b.Fatal(err)
		}
		round := time.Since(start).Seconds()
		t, err := replay.NewTrail(j, out.Commit, out.File)
		if err != nil {
			b.Fatal(err)
		}
		var served float64
		serve := func(leaf uint32) (*replay.Served, error) {
			start := time.Now()
			raw, err := keep.Serve(j.Run, j.Round, j.Slot, leaf)
			served = time.Since(start).Seconds()
			if err != nil {
				return nil, err
			}
			b.ReportMetric(float64(len(raw))/1e6, "MB/state")
			return replay.DecodeServed(raw, len(j.Start.Adapter.Params))
		}
		audit := func(fetch func(uint32) (*replay.Served, error)) float64 {
			start := time.Now()
			r, err := t.Audit(b.Context(), w, 1, fetch)
			if err != nil || !r.OK {
				b.Fatal(r, err)
			}
			return time.Since(start).Seconds()
		}
		b.ReportMetric(audit(serve)/round, "audit/round")
		b.ReportMetric(audit(nil)/round, "unserved-audit/round")
		b.ReportMetric(served/round, "serve/round")
		b.ReportMetric(float64(j.Spec.SegmentLen())/float64(j.Spec.InnerSteps), "segment/round")
		b.ReportMetric(round, "s/round")
	}
}

func smollm2Job(b *testing.B) (*replay.Job, *llm.Model) {
	c, err := shapes.Config("smollm2-135m")
	if err != nil {
		b.Fatal(err)
	}
	e, err := exact.New(exact.BFloat16, 0)
	if err != nil {
		b.Fatal(err)
	}
	m, err := llm.Load(c, shapes.Weights{Config: c}, e, 0)
	if err != nil {
		b.Fatal(err)
	}
	spec := runspec.Default()
	spec.Model = "bench"
	adapter := ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: llm.Projections}
	start, err := checkpoint.Initial(mem.New(), spec.Model, digest.Digest{1}, adapter, c)
	if err != nil {
		b.Fatal(err)
	}
	set := &data.TokenSet{}
	for i := range 64 {
		q := llm.Sequence{IDs: make([]int32, spec.SeqLen), Loss: make([]bool, spec.SeqLen)}
		for k := range q.IDs {
			q.IDs[k], q.Loss[k] = int32((i*7919+k*104729)%c.Vocab), k > 0
		}
		set.Sequences = append(set.Sequences, q)
	}
	return replay.NewJob(&spec, &protocol.Round{Run: 1, Number: 1, Slots: 1}, 0, start, set), m
}
