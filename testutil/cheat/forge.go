package cheat

import (
	"context"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// plan says where a forger leaves the honest way; a nil part is done honestly. Everything else is as in slot.Run:
// it keeps and serves its snapshots, and commits to what it has, as if it had nothing to hide.
type plan struct {
	// changes the snapshot before the first step
	begin   func(replay.Snapshot)
	segment func(w replay.Pass, j *replay.Job, i uint32, s replay.Snapshot) ([]replay.StepRecord, error) // does segment i, in place
	payload func(j *replay.Job, end replay.Snapshot) ([]byte, error)                                     // encodes the delta
	// is committed to in place of the leaves' root
	trace func(root digest.Digest) digest.Digest
}

func (p plan) withDefaults() plan {
	if p.begin == nil {
		p.begin = func(replay.Snapshot) {}
	}
	if p.segment == nil {
		p.segment = honestly
	}
	if p.payload == nil {
		p.payload = func(j *replay.Job, end replay.Snapshot) ([]byte, error) { return j.Encode(end) }
	}
	if p.trace == nil {
		p.trace = func(root digest.Digest) digest.Digest { return root }
	}
	return p
}

// honestly does a segment as it was assigned.
func honestly(w replay.Pass, j *replay.Job, i uint32, s replay.Snapshot) ([]replay.StepRecord, error) {
	return j.Steps(w, i, j.Spec.InnerSteps, s)
}

// forging is the SlotFunc of a plan.
func forging(p plan) slot.Func {
	p = p.withDefaults()
	return func(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, _ func() time.Time,
		_ slot.Progress) (*slot.Result, error) {
		f := &forgery{job: j, keep: keep, now: replay.First(j.Start), leaves: []digest.Digest{replay.FirstLeaf(j.Start)}}
		p.begin(f.now)
		if err := keep.Begin(j, f.now, f.leaves[0]); err != nil {
			return nil, err
		}
		var payload []byte
		for i, n := uint32(0), j.Segments(j.Spec.InnerSteps); i < n; i++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			recs, err := p.segment(w, j, i, f.now)
			if err != nil {
				return nil, err
			}
			var bound digest.Digest
			if i == n-1 {
				if payload, err = p.payload(j, f.now); err != nil {
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

// Forging changes the snapshot after segment at and goes on from there; payload, if given, replaces the encoded delta.
func Forging(at uint32, change func(replay.Snapshot), payload func([]byte) []byte) slot.Func {
	p := plan{segment: func(w replay.Pass, j *replay.Job, i uint32, s replay.Snapshot) ([]replay.StepRecord, error) {
		recs, err := honestly(w, j, i, s)
		if err == nil && i == at && change != nil {
			change(s)
		}
		return recs, err
	}}
	if payload != nil {
		p.payload = func(j *replay.Job, end replay.Snapshot) ([]byte, error) {
			b, err := j.Encode(end)
			if err != nil {
				return nil, err
			}
			return payload(b), nil
		}
	}
	return forging(p)
}

// forgery is a slot's work under way.
type forgery struct {
	job    *replay.Job
	keep   *slot.Snapshots
	now    replay.Snapshot
	leaves []digest.Digest
	all    []replay.StepRecord
}

// end closes a segment.
func (f *forgery) end(recs []replay.StepRecord, payload digest.Digest) error {
	f.all = append(f.all, recs...)
	i := uint32(len(f.leaves))
	f.leaves = append(f.leaves, replay.Leaf(i, uint32(len(f.all)), f.now, recs, payload))
	return f.keep.Add(f.job, i, f.now, f.leaves, f.all, payload)
}

// slot is the finished work, its body in the store.
func (f *forgery) slot(s ckpt.Store, payload []byte, trace func(digest.Digest) digest.Digest) (*slot.Result, error) {
	steps := uint32(len(f.all))
	file := delta.File{Steps: steps, Leaves: f.leaves, Payload: payload}.Encode()
	body, err := ckpt.PutBytes(s, file)
	if err != nil {
		return nil, err
	}
	return &slot.Result{File: file, Commit: protocol.Commit{
		Body: body, Trace: trace(digest.MerkleDigests(f.leaves)), Steps: steps, Size: uint64(len(file)),
	}}, nil
}
