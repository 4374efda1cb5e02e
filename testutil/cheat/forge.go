package cheat

import (
	"context"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/x/round/protocol"
)

// plan says where a forger leaves the honest way; a nil part is done honestly. Everything else is as in trainer.RunSlot:
// it keeps and serves its states, and commits to what it has, as if it had nothing to hide.
type plan struct {
	begin   func(trainer.State)                                                                        // changes the state before the first step
	segment func(w *llm.Work, j *trainer.Job, i uint32, s trainer.State) ([]trainer.StepRecord, error) // does segment i, in place
	payload func(j *trainer.Job, end trainer.State) ([]byte, error)                                    // encodes the delta
	trace   func(root digest.Digest) digest.Digest                                                     // is committed to in place of the leaves' root
}

func (p plan) withDefaults() plan {
	if p.begin == nil {
		p.begin = func(trainer.State) {}
	}
	if p.segment == nil {
		p.segment = honestly
	}
	if p.payload == nil {
		p.payload = func(j *trainer.Job, end trainer.State) ([]byte, error) { return j.Encode(end) }
	}
	if p.trace == nil {
		p.trace = func(root digest.Digest) digest.Digest { return root }
	}
	return p
}

// honestly does a segment as it was assigned.
func honestly(w *llm.Work, j *trainer.Job, i uint32, s trainer.State) ([]trainer.StepRecord, error) {
	return j.Steps(w, i, j.Spec.InnerSteps, s)
}

// forging is the SlotFunc of a plan.
func forging(p plan) trainer.SlotFunc {
	p = p.withDefaults()
	return func(ctx context.Context, w *llm.Work, j *trainer.Job, keep *trainer.States, s ckpt.Store, _ func() time.Time, _ trainer.Progress) (*trainer.Slot, error) {
		f := &forgery{job: j, keep: keep, state: begin(j), leaves: []digest.Digest{trainer.FirstLeaf(j.Start)}}
		p.begin(f.state)
		if err := keep.Begin(j, f.state, f.leaves[0]); err != nil {
			return nil, err
		}
		var payload []byte
		for i, n := uint32(0), j.Segments(j.Spec.InnerSteps); i < n; i++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			recs, err := p.segment(w, j, i, f.state)
			if err != nil {
				return nil, err
			}
			var bound digest.Digest
			if i == n-1 {
				if payload, err = p.payload(j, f.state); err != nil {
					return nil, err
				}
				bound = digest.Sum(payload)
			}
			if err := f.end(recs, bound); err != nil {
				return nil, err
			}
		}
		return f.slot(s, payload, p.trace)
	}
}

// begin is the state that a slot's work starts from.
func begin(j *trainer.Job) trainer.State {
	p := j.Start.Adapter.Params
	return trainer.State{Params: slices.Clone(p), Moment: optim.NewState(len(p))}
}

// forgery is a slot's work under way.
type forgery struct {
	job    *trainer.Job
	keep   *trainer.States
	state  trainer.State
	leaves []digest.Digest
	all    []trainer.StepRecord
}

// end closes a segment.
func (f *forgery) end(recs []trainer.StepRecord, payload digest.Digest) error {
	f.all = append(f.all, recs...)
	i := uint32(len(f.leaves))
	f.leaves = append(f.leaves, trainer.Leaf(i, uint32(len(f.all)), f.state, recs, payload))
	return f.keep.Add(f.job, i, f.state, f.leaves, f.all, payload)
}

// slot is the finished work, its body in the store.
func (f *forgery) slot(s ckpt.Store, payload []byte, trace func(digest.Digest) digest.Digest) (*trainer.Slot, error) {
	steps := uint32(len(f.all))
	file := delta.File{Steps: steps, Leaves: f.leaves, Payload: payload}.Encode()
	body, err := ckpt.PutBytes(s, file)
	if err != nil {
		return nil, err
	}
	return &trainer.Slot{File: file, Commit: protocol.Commit{
		Body: body, Trace: trace(digest.MerkleDigests(f.leaves)), Steps: steps, Size: uint64(len(file)),
	}}, nil
}
