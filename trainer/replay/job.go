package replay

import (
	"errors"
	"fmt"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/x/round/protocol"
)

// Job is everything that determines one slot's work in one round. One goroutine uses it at a time.
type Job struct {
	Run, Round uint64
	Slot       uint32
	Spec       *protocol.RunSpec
	Start      *checkpoint.Checkpoint
	Deal       protocol.Assignment
	Set        *data.TokenSet
	order      *data.Order
	expr       *loss.Expr       // the loss, once a step has needed it; nil for sft
	inner      *optim.Optimizer // once a step has needed it
}

// NewJob describes slot of a round whose header is r.
func NewJob(spec *protocol.RunSpec, r *protocol.Round, slot uint32, start *checkpoint.Checkpoint, set *data.TokenSet) *Job {
	return &Job{Run: r.Run, Round: r.Number, Slot: slot, Spec: spec, Start: start, Deal: r.Assignment(spec), Set: set,
		order: data.NewOrder(r.Run, len(set.Sequences))}
}

// Batch is the sequences of an inner step, from 0.
func (j *Job) Batch(step uint32) []llm.Sequence {
	b := make([]llm.Sequence, j.Spec.Batch)
	for a := range b {
		b[a] = j.Set.Sequences[j.order.At(j.Deal.Index(j.Slot, step, uint32(a)))]
		if n := int(j.Spec.SeqLen); len(b[a].IDs) > n {
			b[a].IDs, b[a].Loss = b[a].IDs[:n], b[a].Loss[:n]
		}
	}
	return b
}

// Tokens counts the answer tokens of the slot's first steps steps.
func (j *Job) Tokens(steps uint32) (n uint64) {
	for s := range steps {
		for _, q := range j.Batch(s) {
			n += uint64(q.Answer())
		}
	}
	return n
}

// Segments is the number of segments of steps steps.
func (j *Job) Segments(steps uint32) uint32 { return j.Spec.Segments(steps) }

// Inner is the spec's inner optimizer.
func Inner(s *protocol.RunSpec) optim.AdamW {
	f := func(n uint64) float64 { return float64(n) / protocol.Nano }
	a := s.Inner
	return optim.AdamW{LR: f(a.LR), Beta1: f(a.Beta1), Beta2: f(a.Beta2), Eps: f(a.Eps), WeightDecay: f(a.WeightDecay), Clip: f(a.Clip),
		Warmup: int(a.WarmupSteps), Schedule: a.Schedule, Total: int(s.Rounds * s.InnerSteps)}
}

// objective is the spec's loss, nil for sft. It is derived at the job's first step, since not every job takes one.
func (j *Job) objective() (llm.Objective, error) {
	if j.expr == nil {
		var err error
		if j.expr, err = loss.FromSpec(j.Spec.Loss); err != nil || j.expr == nil {
			return nil, err
		}
	}
	return j.expr, nil
}

// Step takes inner step h of the job from s, in place. ad and grad are working memory of the size of the job's adapter.
func (j *Job) Step(w Pass, ad *lora.Adapter, s Snapshot, grad []float32, h uint32) (StepRecord, error) {
	obj, err := j.objective()
	if err != nil {
		return StepRecord{}, err
	}
	if j.inner == nil {
		j.inner = optim.New(Inner(j.Spec))
	}
	clear(grad)
	copy(ad.Params, s.Params)
	l, err := w.Grad(grad, ad, obj, j.Batch(h))
	if err != nil {
		return StepRecord{}, err
	}
	sum, count := l.Sum(), len(l.NLL)
	if obj != nil {
		sum, count = l.Value, l.Sequences
	}
	if !l.Finite || count == 0 {
		return StepRecord{Noop: true}, nil
	}
	norm, ok := j.inner.Step(w.Run, ad, s.Moments, grad, count, int(j.Round-1)*int(j.Spec.InnerSteps)+int(h))
	if !ok {
		return StepRecord{Noop: true}, nil
	}
	copy(s.Params, ad.Params)
	return StepRecord{Loss: sum / float64(count), Norm: norm}, nil
}

// Steps takes the steps of segment i (from 0) of a slot that did steps steps, from its snapshot at the start, in place.
func (j *Job) Steps(w Pass, i, steps uint32, from Snapshot) ([]StepRecord, error) {
	l := j.Spec.SegmentLen()
	lo, hi := i*l, min((i+1)*l, steps)
	if lo >= hi {
		return nil, fmt.Errorf("segment %d lies beyond %d steps", i, steps)
	}
	ad, grad := j.Start.Adapter.Clone(), make([]float32, len(from.Params))
	var recs []StepRecord
	for h := lo; h < hi; h++ {
		r, err := j.Step(w, ad, from, grad, h)
		if err != nil {
			return nil, err
		}
		recs = append(recs, r)
	}
	return recs, nil
}

// Segment is a segment's end, recomputed.
type Segment struct {
	Leaf    digest.Digest
	End     Snapshot
	Records []StepRecord
	Payload digest.Digest // of the encoded delta at the end of the work, zero elsewhere
}

// Replay is Steps, and returns what the segment's end is. The last leaf binds the digest of the encoded delta, which
// follows from the snapshot; a delta that cannot be encoded (it is zero or not finite) has none, and its leaf is no trainer's.
func (j *Job) Replay(w Pass, i, steps uint32, from Snapshot) (*Segment, error) {
	recs, err := j.Steps(w, i, steps, from)
	if err != nil {
		return nil, err
	}
	s := &Segment{End: from, Records: recs}
	end := min((i+1)*j.Spec.SegmentLen(), steps)
	if end == steps {
		b, err := j.Encode(from)
		if err == nil {
			s.Payload = digest.Sum(b)
		} else if !errors.Is(err, delta.ErrZero) && !errors.Is(err, delta.ErrNotFinite) {
			return nil, err
		}
	}
	s.Leaf = Leaf(i+1, end, from, recs, s.Payload)
	return s, nil
}

// Encode is the encoded delta of a snapshot at the end of a slot's work: the payload of its body.
func (j *Job) Encode(end Snapshot) ([]byte, error) {
	codec, err := delta.ByName(j.Spec.Codec)
	if err != nil {
		return nil, err
	}
	return codec.Encode(checkpoint.Trained(j.Start.Adapter, difference(end.Params, j.Start.Adapter.Params)))
}

// difference is a - b, element by element.
func difference(a, b []float32) []float32 {
	d := make([]float32, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}
