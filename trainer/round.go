package trainer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/x/round/protocol"
)

// ErrFaulty is returned when a machine does not compute the same segment twice: its memory or processor is faulty.
var ErrFaulty = errors.New("this machine computed one segment twice with different results: its memory or processor is faulty; nothing was committed")

// Slot is the work of one slot, done and kept, ready to be committed and published.
type Slot struct {
	Commit protocol.Commit
	File   []byte // the encoded delta
	Losses []float64
	Noops  int
}

// Progress is told after every inner step.
type Progress func(step uint32, r StepRecord)

// SlotFunc does one slot's work in one round.
type SlotFunc func(ctx context.Context, w *llm.Work, j *Job, keep *States, s ckpt.Store, deadline func() time.Time, tell Progress) (*Slot, error)

// RunSlot is one training round of one slot, top to bottom: inner steps with a kept state after every segment, the
// delta, a replay of one random segment, and the body in the store before anything is committed. It stops early, with
// the steps done so far, when the time until the deadline (asked before every step, since the chain may shorten it)
// would not suffice for another step; ctx cancels it. States of an interrupted call are taken up again.
func RunSlot(ctx context.Context, w *llm.Work, j *Job, keep *States, s ckpt.Store, deadline func() time.Time, tell Progress) (*Slot, error) {
	t, err := resume(j, keep)
	if err != nil {
		return nil, err
	}
	if err := t.train(ctx, w, deadline, tell); err != nil {
		return nil, err
	}
	payload, err := j.Encode(t.state)
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
	body, err := ckpt.PutBytes(s, file) // synced: a commitment must never outlive its body
	if err != nil {
		return nil, err
	}
	out := &Slot{File: file, Commit: protocol.Commit{Body: body, Trace: digest.MerkleDigests(t.leaves), Steps: t.steps, Size: uint64(len(file))}}
	for _, r := range t.all {
		out.Losses = append(out.Losses, r.Loss)
		if r.Noop {
			out.Noops++
		}
	}
	return out, nil
}

// slotRun is a slot under way.
type slotRun struct {
	j      *Job
	keep   *States
	state  State
	steps  uint32
	leaves []digest.Digest
	recs   []StepRecord // of the segment under way
	all    []StepRecord
}

func resume(j *Job, keep *States) (*slotRun, error) {
	t := &slotRun{j: j, keep: keep, state: State{slices.Clone(j.Start.Adapter.Params), optim.NewState(len(j.Start.Adapter.Params))}}
	saved, err := keep.Load(j, len(t.state.Params))
	if err != nil {
		return nil, err
	}
	if saved != nil {
		t.state, t.steps, t.leaves, t.all = saved.state, saved.steps, saved.leaves, saved.records
		return t, nil
	}
	t.leaves = []digest.Digest{FirstLeaf(j.Start)}
	return t, keep.Begin(j, t.state, t.leaves[0])
}

func (t *slotRun) train(ctx context.Context, w *llm.Work, deadline func() time.Time, tell Progress) error {
	ad, grad := t.j.Start.Adapter.Clone(), make([]float32, len(t.state.Params))
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
		r, err := t.j.step(w, ad, t.state, grad, t.steps)
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

// end closes the segment under way: a leaf, and the state on disk.
func (t *slotRun) end(payload digest.Digest) error {
	if len(t.recs) == 0 && !payload.IsZero() {
		// Time ran out exactly at the end of a segment: its leaf becomes the last one and binds the payload.
		seg := t.j.Spec.SegmentLen()
		t.leaves = t.leaves[:len(t.leaves)-1]
		t.recs = t.all[uint32(len(t.leaves)-1)*seg:]
	}
	i := uint32(len(t.leaves))
	t.leaves = append(t.leaves, Leaf(i, t.steps, t.state, t.recs, payload))
	err := t.keep.Add(t.j, i, t.state, t.leaves, t.all, payload)
	t.recs = nil
	return err
}

// replay recomputes one random segment of those whose first state is kept, so that faulty memory is found at home and
// not by an auditor.
func (t *slotRun) replay(w *llm.Work) error {
	var kept []uint32
	for i := range uint32(len(t.leaves) - 1) {
		if t.keep.Has(t.j, i) {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("run %d round %d slot %d: no state is left to check the work from; allow more room for states", t.j.Run, t.j.Round, t.j.Slot)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(kept))))
	if err != nil {
		return err
	}
	i := kept[n.Int64()]
	from, err := t.keep.State(t.j, i, len(t.state.Params))
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

func difference(a, b []float32) []float32 {
	d := make([]float32, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}
