package checkpoint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// CheckBody decides whether a delta file is what its commitment promised and may be folded: the digest and size, the
// steps, leaves that hash to the trace's root, the right leaf 0, and a payload that decodes to finite numbers not all
// zero. It returns the trained parameters' change; any error means MALFORMED.
func CheckBody(spec *protocol.RunSpec, start *Checkpoint, first digest.Digest, c protocol.Commit, file []byte) ([]float32, error) {
	if d := digest.Sum(file); d != c.Body || uint64(len(file)) != c.Size {
		return nil, fmt.Errorf("body of %d bytes hashes to %s; the commitment names %d bytes and %s", len(file), d, c.Size, c.Body)
	}
	f, err := delta.Parse(file)
	if err != nil {
		return nil, err
	}
	seg := spec.SegmentLen()
	if want := int((c.Steps+seg-1)/seg) + 1; f.Steps != c.Steps || c.Steps > spec.InnerSteps || len(f.Leaves) != want {
		return nil, fmt.Errorf("header tells of %d steps and %d leaves; %d committed steps need %d", f.Steps, len(f.Leaves), c.Steps, want)
	}
	if digest.MerkleDigests(f.Leaves) != c.Trace {
		return nil, fmt.Errorf("the leaves do not hash to the committed trace")
	}
	if f.Leaves[0] != first {
		return nil, fmt.Errorf("the trace does not start at checkpoint %s", start.Digest)
	}
	codec, err := delta.ByName(spec.Codec)
	if err != nil {
		return nil, err
	}
	return codec.Decode(f.Payload, len(Trained(start.Adapter, start.Adapter.Params)))
}

// Fold makes the next checkpoint of checked deltas, which are looked up by the digest of their files, and writes it to
// the store.
func Fold(s ckpt.Store, parent *Checkpoint, spec *protocol.RunSpec, run, round uint64, included []protocol.Contribution, decoded map[digest.Digest][]float32) (*Checkpoint, error) {
	o, cs := spec.Outer, inOrder(included)
	changes := make([][]float32, len(cs))
	for i, c := range cs {
		changes[i] = decoded[c.Delta]
	}
	next, err := foldWith(parent, outer(o.LR, o.Momentum, o.NormCap, o.Nesterov), cs, changes)
	if err != nil {
		return nil, err
	}
	m := ckpt.Manifest{Adapter: parent.Manifest.Adapter, Base: parent.Manifest.Base, Model: parent.Manifest.Model, Parent: &parent.Digest,
		Run: run, Round: round, Version: 1, Contributions: cs,
		Rule: &ckpt.Rule{Codec: spec.Codec, LR: o.LR, Momentum: o.Momentum, NormCap: o.NormCap}}
	if o.Nesterov {
		m.Rule.Nesterov = 1
	}
	return Save(s, m, next.Adapter, next.Momentum)
}

// Rebuild makes a checkpoint again from its parent, its manifest and its deltas' files, and returns its digest's bytes
// in the given store.
func Rebuild(s ckpt.Store, parent *Checkpoint, m ckpt.Manifest, file func(digest.Digest) ([]byte, error)) (*Checkpoint, error) {
	if m.Rule == nil {
		return nil, fmt.Errorf("the first checkpoint has no deltas to be rebuilt from")
	}
	codec, err := delta.ByName(m.Rule.Codec)
	if err != nil {
		return nil, err
	}
	n := len(Trained(parent.Adapter, parent.Adapter.Params))
	var deltas [][]float32
	for _, c := range m.Contributions {
		b, err := file(c.Delta)
		if err != nil {
			return nil, fmt.Errorf("delta of %s slot %d: %w", c.Trainer, c.Slot, err)
		}
		f, err := delta.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("delta of %s slot %d: %w", c.Trainer, c.Slot, err)
		}
		d, err := codec.Decode(f.Payload, n)
		if err != nil {
			return nil, fmt.Errorf("delta of %s slot %d: %w", c.Trainer, c.Slot, err)
		}
		deltas = append(deltas, d)
	}
	r := m.Rule
	next, err := foldWith(parent, outer(r.LR, r.Momentum, r.NormCap, r.Nesterov == 1), m.Contributions, deltas)
	if err != nil {
		return nil, err
	}
	return Save(s, m, next.Adapter, next.Momentum)
}

func outer(lr, momentum, normCap uint64, nesterov bool) Outer {
	const nano = protocol.Nano
	return Outer{LR: float64(lr) / nano, Momentum: float64(momentum) / nano, Nesterov: nesterov, NormCap: float64(normCap) / nano}
}

// inOrder sorts contributions as a manifest lists them and as they are aggregated: by trainer, then slot.
func inOrder(cs []protocol.Contribution) []protocol.Contribution {
	cs = slices.Clone(cs)
	slices.SortFunc(cs, func(a, b protocol.Contribution) int {
		return cmp.Or(cmp.Compare(a.Trainer, b.Trainer), cmp.Compare(a.Slot, b.Slot))
	})
	return cs
}

// foldWith applies the rule; changes[i] is the decoded delta of cs[i].
func foldWith(parent *Checkpoint, o Outer, cs []protocol.Contribution, changes [][]float32) (*Checkpoint, error) {
	in := make([]Delta, len(cs))
	for i, c := range cs {
		in[i] = Delta{Trainer: string(c.Trainer), Slot: c.Slot, Tokens: c.Tokens, Change: changes[i]}
	}
	ad := parent.Adapter
	p, m, err := Aggregate(Trained(ad, ad.Params), Trained(ad, parent.Momentum), in, o)
	if err != nil {
		return nil, err
	}
	next := ad.Clone()
	moved := Spread(ad, p)
	for _, n := range ad.Names() {
		if lo, hi, _ := ad.Range(n); !ad.Frozen(n) {
			copy(next.Params[lo:hi], moved[lo:hi])
		}
	}
	return &Checkpoint{Adapter: next, Momentum: Spread(ad, m)}, nil
}
