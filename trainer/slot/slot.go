package slot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/x/round/protocol"
)

// ErrFaulty is returned when a machine does not compute the same segment twice: its memory or processor is faulty.
var ErrFaulty = errors.New("this machine computed one segment twice with different results: its memory or processor is faulty; nothing " +
	"was committed")

// Result is the work of one slot, done and kept, ready to be committed and published.
type Result struct {
	Commit protocol.Commit
	File   []byte // the encoded delta
	Losses []float64
	Noops  int
}

// Progress is told after every inner step.
type Progress func(step uint32, r replay.StepRecord)

// Func does one slot's work in one round.
type Func func(ctx context.Context, w replay.Pass, j *replay.Job, keep *Snapshots, s ckpt.Store, deadline func() time.Time,
	tell Progress) (*Result, error)

// Run is one training round of one slot, top to bottom: inner steps with a kept snapshot after every segment, the
// delta, a replay of one random segment, and the body in the store before anything is committed. It stops early, with
// the steps done so far, when the time until the deadline (asked before every step, since the chain may shorten it)
// would not suffice for another step; ctx cancels it. Snapshots of an interrupted call are taken up again.
func Run(ctx context.Context, w replay.Pass, j *replay.Job, keep *Snapshots, s ckpt.Store, deadline func() time.Time,
	tell Progress) (*Result, error) {
	t, err := resume(j, keep)
	if err != nil {
		return nil, err
	}
	if err := t.train(ctx, w, deadline, tell); err != nil {
		return nil, err
	}
	payload, err := j.Encode(t.now)
	if err != nil {
		return nil, fmt.Errorf("the round's work cannot be sent: %w", err)
	}
	if err := t.end(digest.Sum(payload)); err != nil {
		return nil, err
	}
	if err := t.replay(w); err != nil {
		return nil, err
	}
	file := delta.File{Steps: t.steps, Leaves: t.leaves, Payload: payload}.Encode()
	var body digest.Digest
	err = keep.Fit(j, func() (err error) { // synced: a commitment must never outlive its body
		body, err = ckpt.PutBytes(s, file)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &Result{File: file, Commit: protocol.Commit{Body: body, Trace: digest.MerkleDigests(t.leaves), Steps: t.steps,
		Size: uint64(len(file))}}
	for _, r := range t.all {
		out.Losses = append(out.Losses, r.Loss)
		if r.Noop {
			out.Noops++
		}
	}
	return out, nil
}

// run is a slot under way.
type run struct {
	j      *replay.Job
	keep   *Snapshots
	now    replay.Snapshot
	steps  uint32
	leaves []digest.Digest
	recs   []replay.StepRecord // of the segment under way
	all    []replay.StepRecord
}

func resume(j *replay.Job, keep *Snapshots) (*run, error) {
	t := &run{j: j, keep: keep, now: replay.First(j.Start)}
	saved, err := keep.Load(j, len(t.now.Params))
	if err != nil {
		return nil, err
	}
	if saved != nil {
		t.now, t.steps, t.leaves, t.all = saved.snapshot, saved.steps, saved.leaves, saved.records
		return t, nil
	}
	t.leaves = []digest.Digest{replay.FirstLeaf(j.Start)}
	return t, keep.Begin(j, t.now, t.leaves[0])
}

func (t *run) train(ctx context.Context, w replay.Pass, deadline func() time.Time, tell Progress) error {
	ad, grad := t.j.Start.Adapter.Clone(), make([]float32, len(t.now.Params))
	seg, started, first := t.j.Spec.SegmentLen(), time.Now(), t.steps
	for t.steps < t.j.Spec.InnerSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done := t.steps - first; done > 0 {
			// Another step, the replay of a segment, and a margin for encoding and the transaction must still fit.
			per := time.Since(started) / time.Duration(done)
			if time.Until(deadline()) < per*time.Duration(seg+1)+2*time.Second {
				break
			}
		}
		r, err := t.j.Step(w, ad, t.now, grad, t.steps)
		if err != nil {
			return err
		}
		t.steps++
		t.recs, t.all = append(t.recs, r), append(t.all, r)
		if tell != nil {
			tell(t.steps, r)
		}
		if t.steps%seg == 0 && t.steps < t.j.Spec.InnerSteps {
			if err := t.end(digest.Digest{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// end closes the segment under way: a leaf, and the snapshot on disk.
func (t *run) end(payload digest.Digest) error {
	if len(t.recs) == 0 && !payload.IsZero() {
		// Time ran out exactly at the end of a segment: its leaf becomes the last one and binds the payload.
		seg := t.j.Spec.SegmentLen()
		t.leaves = t.leaves[:len(t.leaves)-1]
		t.recs = t.all[uint32(len(t.leaves)-1)*seg:]
	}
	i := uint32(len(t.leaves))
	t.leaves = append(t.leaves, replay.Leaf(i, t.steps, t.now, t.recs, payload))
	err := t.keep.Add(t.j, i, t.now, t.leaves, t.all, payload)
	t.recs = nil
	return err
}

// replay recomputes one random segment of those whose first snapshot is kept, so that faulty memory is found at home and
// not by an auditor.
func (t *run) replay(w replay.Pass) error {
	var kept []uint32
	for i := range uint32(len(t.leaves) - 1) {
		if t.keep.Has(t.j, i) {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("run %d round %d slot %d: no snapshot is left to check the work from; allow more room for snapshots", t.j.Run,
			t.j.Round, t.j.Slot)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(kept))))
	if err != nil {
		return err
	}
	i := kept[n.Int64()]
	from, err := t.keep.Get(t.j, i, len(t.now.Params))
	if err != nil {
		return err
	}
	got, err := t.j.Replay(w, i, t.steps, from)
	if err != nil {
		return err
	}
	if got.Leaf != t.leaves[i+1] {
		return fmt.Errorf("run %d round %d slot %d segment %d: %w", t.j.Run, t.j.Round, t.j.Slot, i, ErrFaulty)
	}
	return nil
}
