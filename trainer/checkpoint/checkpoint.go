package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/x/round/protocol"
)

// MaxFile bounds the file of an adapter or of an outer state, in bytes.
const MaxFile = 4 << 30

// Checkpoint is an adapter with the outer optimizer's momentum, as a manifest pins them.
type Checkpoint struct {
	Digest   digest.Digest
	Manifest ckpt.Manifest
	Adapter  *lora.Adapter
	Momentum []float32 // in the order of Adapter.Params
}

// Size is the number of bytes of the checkpoint's files.
func (c *Checkpoint) Size() uint64 {
	n := uint64(0)
	for _, f := range c.Manifest.Files {
		n += uint64(f.Size)
	}
	return n
}

// Initial is a model's first checkpoint: factors drawn from sha256("weft/init", name), zero momentum. It is a
// function of what the chain says about the model, so nobody needs to fetch it.
func Initial(s ckpt.Store, model string, base digest.Digest, spec ckpt.AdapterSpec, c llm.Config) (*Checkpoint, error) {
	spec.Targets = slices.Sorted(slices.Values(spec.Targets))
	ad, err := c.NewAdapter(spec)
	if err != nil {
		return nil, err
	}
	ad.Init(sha256.Sum256([]byte("weft/init" + model)))
	m := ckpt.Manifest{Adapter: spec, Base: base, Contributions: []protocol.Contribution{}, Model: model, Version: 1}
	return Save(s, m, ad, make([]float32, len(ad.Params)))
}

// Save writes a checkpoint's files and, last, the manifest that publishes them.
func Save(s ckpt.Store, m ckpt.Manifest, ad *lora.Adapter, momentum []float32) (*Checkpoint, error) {
	m.Files = []ckpt.FileRef{}
	for _, f := range []struct {
		name string
		x    []float32
	}{{ckpt.AdapterFile, ad.Params}, {ckpt.OuterFile, momentum}} {
		b, err := encodeTensors(ad, f.x)
		if err != nil {
			return nil, err
		}
		d, err := ckpt.PutBytes(s, b)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, ckpt.FileRef{Digest: d, Name: f.name, Size: int64(len(b))})
	}
	raw, err := m.Encode()
	if err != nil {
		return nil, err
	}
	d, err := ckpt.PutBytes(s, raw)
	return &Checkpoint{Digest: d, Manifest: m, Adapter: ad, Momentum: momentum}, err
}

// Load reads a checkpoint and checks every digest. It returns an error that is ckpt.ErrNotFound if a file is missing.
func Load(s ckpt.Store, d digest.Digest, c llm.Config) (*Checkpoint, error) {
	raw, err := ckpt.GetBytes(s, d, ckpt.MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := ckpt.ParseManifest(raw)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", d, err)
	}
	ad, err := c.NewAdapter(m.Adapter)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", d, err)
	}
	cp := &Checkpoint{Digest: d, Manifest: m, Adapter: ad, Momentum: make([]float32, len(ad.Params))}
	for name, x := range map[string][]float32{ckpt.AdapterFile: ad.Params, ckpt.OuterFile: cp.Momentum} {
		ref, err := m.File(name)
		if err != nil {
			return nil, fmt.Errorf("checkpoint %s: %w", d, err)
		}
		b, err := ckpt.GetBytes(s, ref.Digest, MaxFile)
		if err != nil {
			return nil, err
		}
		if err := decodeTensors(ad, b, x); err != nil {
			return nil, fmt.Errorf("checkpoint %s: %s: %w", d, name, err)
		}
	}
	return cp, nil
}

// encodeTensors writes x, which is laid out like the adapter's parameters, under the adapter's names.
func encodeTensors(ad *lora.Adapter, x []float32) ([]byte, error) {
	var ts []safetensors.Tensor
	for _, n := range ad.Names() {
		lo, hi, _ := ad.Range(n)
		ts = append(ts, safetensors.Tensor{Name: n, DType: safetensors.F32, Shape: ad.Tensor(n).Shape(), Bytes: safetensors.EncodeF32(x[lo:hi])})
	}
	return safetensors.Marshal(ts, nil)
}

// decodeTensors is the strict inverse of encodeTensors.
func decodeTensors(ad *lora.Adapter, b []byte, x []float32) error {
	f, err := safetensors.Parse(b)
	if err != nil {
		return err
	}
	if !slices.Equal(f.Names(), ad.Names()) {
		return errors.New("the tensors are not those of the adapter's spec")
	}
	for _, n := range ad.Names() {
		lo, hi, _ := ad.Range(n)
		v, err := f.Floats(n)
		if err != nil {
			return err
		}
		if len(v) != hi-lo {
			return fmt.Errorf("tensor %s has %d elements, the spec needs %d", n, len(v), hi-lo)
		}
		copy(x[lo:hi], v)
	}
	again, err := encodeTensors(ad, x)
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("not in canonical form")
	}
	return err
}

// Trained copies the parameters that are trained, in order: what deltas are made of.
func Trained(ad *lora.Adapter, x []float32) []float32 {
	out := make([]float32, 0, len(x))
	for _, n := range ad.Names() {
		if lo, hi, _ := ad.Range(n); !ad.Frozen(n) {
			out = append(out, x[lo:hi]...)
		}
	}
	return out
}

// Spread is the inverse of Trained: frozen parameters get zero.
func Spread(ad *lora.Adapter, trained []float32) []float32 {
	out := make([]float32, len(ad.Params))
	for _, n := range ad.Names() {
		if lo, hi, _ := ad.Range(n); !ad.Frozen(n) {
			trained = trained[copy(out[lo:hi], trained):]
		}
	}
	return out
}
