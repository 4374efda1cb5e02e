package replay

import (
	"context"
	"fmt"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Trail is what everybody may know of a slot's work: its assignment, its commitment, and the leaves that its delta file
// lists. From it any stretch of the work can be recomputed and compared bit for bit.
type Trail struct {
	Job     *Job
	Commit  protocol.Commit
	Leaves  []digest.Digest // the checkpoint's, then one for each segment
	Payload digest.Digest   // of the encoded delta, bound by the last leaf
}

// NewTrail reads a slot's delta file, whose bytes must be those that the commitment names.
func NewTrail(j *Job, c protocol.Commit, file []byte) (*Trail, error) {
	if d := digest.Sum(file); d != c.Body {
		return nil, fmt.Errorf("body hashes to %s; the commitment names %s", d, c.Body)
	}
	f, err := delta.Parse(file)
	if err != nil {
		return nil, err
	}
	if len(f.Leaves) != int(j.Segments(c.Steps))+1 || digest.MerkleDigests(f.Leaves) != c.Trace {
		return nil, fmt.Errorf("the leaves do not hash to the committed trace")
	}
	return &Trail{Job: j, Commit: c, Leaves: f.Leaves, Payload: digest.Sum(f.Payload)}, nil
}

// Segments is the number of segments of the work.
func (t *Trail) Segments() uint32 { return uint32(len(t.Leaves) - 1) }

// StepsAt is the number of steps done at a leaf.
func (t *Trail) StepsAt(leaf uint32) uint32 { return min(leaf*t.Job.Spec.SegmentLen(), t.Commit.Steps) }

// Walk recomputes the first n segments from the checkpoint on, and stops at one whose leaf differs from the committed
// one: it returns that segment's number, n when none differs, and the end of the last one it computed. seen is shown
// every end that agrees. Nothing that the trainer says is needed but what it committed to.
func (t *Trail) Walk(ctx context.Context, w Pass, n uint32, seen func(segment uint32, end Snapshot)) (differs uint32, last *Segment, err error) {
	if t.Leaves[0] != FirstLeaf(t.Job.Start) {
		return 0, nil, fmt.Errorf("the trace does not start at checkpoint %s: MALFORMED, not a matter of dispute", t.Job.Start.Digest)
	}
	last = &Segment{End: First(t.Job.Start), Leaf: t.Leaves[0]}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		if last, err = t.Job.Replay(w, i, t.Commit.Steps, last.End); err != nil {
			return 0, nil, err
		}
		if last.Leaf != t.Leaves[i+1] {
			return i, last, nil
		}
		if seen != nil {
			seen(i, last.End)
		}
	}
	return n, last, nil
}

// Proof is the path that shows the chain which leaf the trace has at the end of a segment.
func (t *Trail) Proof(segment uint32) (committed digest.Digest, path []digest.Digest) {
	return t.Leaves[segment+1], digest.MerkleProof(t.Leaves, int(segment)+1)
}
