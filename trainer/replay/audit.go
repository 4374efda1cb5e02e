package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/x/round/protocol"
)

// AuditResult is what recomputing one segment showed.
type AuditResult struct {
	OK      bool
	Segment uint32   // the segment that differs, at or before the audited one; the audited one when OK
	Got     *Segment // its end, recomputed
	Served  bool     // the snapshot at the audited segment's start was the trainer's, not computed from the checkpoint
}

// Audit recomputes a segment of a trail. fetch asks the trainer for the snapshot at a leaf; when that fails, or what comes
// is not what was committed to, the snapshot is recomputed from the checkpoint, since everything is public: silence saves
// nobody. So is a snapshot from which the rest is known without computing it. A served snapshot that no honest step leaves
// behind is a difference.
func (t *Trail) Audit(ctx context.Context, w Pass, segment uint32, fetch func(leaf uint32) (*Served, error)) (*AuditResult, error) {
	if segment >= t.Segments() {
		return nil, fmt.Errorf("segment %d, the work has %d", segment, t.Segments())
	}
	if segment == 0 {
		return t.replay(w, 0, First(t.Job.Start), false)
	}
	s, err := t.served(segment, fetch)
	if err == nil && Plausible(t.Job, s.Snapshot) != nil {
		return &AuditResult{Segment: segment - 1, Got: &Segment{End: s.Snapshot}, Served: true}, nil
	}
	if err == nil && !hollow(t.Job, s.Snapshot) {
		r, err := t.replay(w, segment, s.Snapshot, true)
		if err != nil || !effortless(r.Got.Records) {
			return r, err
		}
	}
	differs, last, err := t.Walk(ctx, w, segment, nil)
	if err != nil {
		return nil, err
	}
	if differs < segment {
		return &AuditResult{Segment: differs, Got: last}, nil
	}
	return t.replay(w, segment, last.End, false)
}

// replay takes a segment's steps from a snapshot and compares the leaf.
func (t *Trail) replay(w Pass, segment uint32, from Snapshot, served bool) (*AuditResult, error) {
	got, err := t.Job.Replay(w, segment, t.Commit.Steps, from)
	if err != nil {
		return nil, err
	}
	return &AuditResult{OK: got.Leaf == t.Leaves[segment+1], Segment: segment, Got: got, Served: served}, nil
}

// served asks for the snapshot at a leaf and compares it with the trace.
func (t *Trail) served(leaf uint32, fetch func(uint32) (*Served, error)) (*Served, error) {
	if fetch == nil {
		return nil, errors.New("nobody to ask")
	}
	s, err := fetch(leaf)
	if err != nil {
		return nil, err
	}
	return s, s.Check(t.Commit.Trace, leaf, uint32(len(t.Leaves)), t.StepsAt(leaf))
}

// plausibleSlack covers the rounding of float32 moments beside float64 bounds.
const plausibleSlack = 1 + 1e-3

// Plausible returns an error for a snapshot that no honest steps can lead to: gradients are clipped to a global norm, so the
// first moment's norm is at most that, and the second moment's sum at most its square.
func Plausible(j *Job, s Snapshot) error {
	clip := Inner(j.Spec).Clip * plausibleSlack
	m, v := 0.0, 0.0
	for i := range s.Moments.M {
		a, b := float64(s.Moments.M[i]), float64(s.Moments.V[i])
		m, v = m+float64(a*a), v+b
		if !(b >= 0) || math.IsInf(b, 0) || math.IsNaN(a) || math.IsNaN(float64(s.Params[i])) || math.IsInf(float64(s.Params[i]), 0) {
			return errors.New("a second moment is negative, or a number is not finite")
		}
	}
	if m > clip*clip || v > clip*clip {
		return errors.New("the moments are larger than clipped gradients allow")
	}
	return nil
}

// effortless reports that a step changed nothing or had no gradient. Whoever forges a snapshot from which every step
// overflows, or whose gradient is zero, knows the rest of the trace without computing it, so such a snapshot is not taken on
// trust. Honest work may have such steps too.
func effortless(recs []StepRecord) bool {
	return slices.ContainsFunc(recs, func(r StepRecord) bool { return r.Noop || r.Norm == 0 })
}

// flushed is the magnitude below which an operand counts as zero (docs/numerics.md).
const flushed = 0x1p-40

// hollow reports that both factors of a module are zero as operands: it has no gradient then, and where all or most
// modules are so, what the base computes for a sequence can be kept and used again. Training does not lead there.
func hollow(j *Job, s Snapshot) bool {
	ad := j.Start.Adapter
	zero := func(name string) bool {
		lo, hi, _ := ad.Range(name)
		return !slices.ContainsFunc(s.Params[lo:hi], func(x float32) bool { return math.Abs(float64(x)) >= flushed })
	}
	return slices.ContainsFunc(ad.Names(), func(a string) bool {
		module, isA := strings.CutSuffix(a, lora.SuffixA)
		return isA && zero(a) && zero(module+lora.SuffixB)
	})
}

// Rule recomputes a whole slot from its checkpoint: what an attester votes on in a dispute.
func (t *Trail) Rule(ctx context.Context, w Pass, audits []protocol.Audit) (protocol.Ruling, error) {
	ends := map[uint32]digest.Digest{}
	differs, last, err := t.Walk(ctx, w, t.Segments(), func(segment uint32, end Snapshot) {
		ends[segment] = end.Digest()
	})
	if err != nil {
		return protocol.Ruling{}, err
	}
	r := protocol.Ruling{Segment: differs}
	if differs < t.Segments() {
		r.Leaf = last.Leaf
	}
	for _, a := range audits {
		if a.Segment < differs {
			r.Snapshots = append(r.Snapshots, ends[a.Segment])
		}
	}
	return r, nil
}
