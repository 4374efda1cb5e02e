package ckpt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Names of a checkpoint's files.
const (
	ManifestFile = "manifest.json"
	AdapterFile  = "adapter.safetensors"
	OuterFile    = "outer.safetensors"
)

// Manifest describes a checkpoint; its sha256 is the checkpoint's digest. The bytes are canonical JSON:
//
//	{"adapter":{"alpha":16,"freeze_a":0,"rank":8,"targets":["q_proj"]},"base":"sha256-…","contributions":[…],…}
type Manifest struct {
	Adapter       AdapterSpec             `json:"adapter"`
	Base          digest.Digest           `json:"base"`
	Contributions []protocol.Contribution `json:"contributions"` // what made it, in the order of aggregation; empty for the first
	Files         []FileRef               `json:"files"`         // sorted by name
	Model         string                  `json:"model"`
	Parent        *digest.Digest          `json:"parent"` // null for the first
	Round         uint64                  `json:"round"`
	Rule          *Rule                   `json:"rule"` // null for the first
	Run           uint64                  `json:"run"`
	Version       int                     `json:"version"` // 1
}

// AdapterSpec is the shape of an adapter, fixed by the model on chain.
type AdapterSpec struct {
	Alpha   int      `json:"alpha"`
	FreezeA int      `json:"freeze_a"` // 1: only B is trained (FFA-LoRA: averages of B are exact in the product)
	Rank    int      `json:"rank"`
	Targets []string `json:"targets"` // projections, e.g. q_proj
}

// Scale is the factor of B·A in float32: alpha over rank.
func (a AdapterSpec) Scale() float32 { return float32(a.Alpha) / float32(a.Rank) }

// FileRef pins one file's bytes.
type FileRef struct {
	Digest digest.Digest `json:"digest"`
	Name   string        `json:"name"`
	Size   int64         `json:"size"`
}

// Rule is how deltas were folded, so that anybody can rebuild the checkpoint from its parent. Reals are in units of 1e-9.
type Rule struct {
	Codec    string `json:"codec"`
	LR       uint64 `json:"lr"`
	Momentum uint64 `json:"momentum"`
	Nesterov int    `json:"nesterov"`
	NormCap  uint64 `json:"norm_cap"`
}

// Encode is the manifest's canonical bytes.
func (m Manifest) Encode() ([]byte, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	return encodeCanonical(m)
}

// ParseManifest is the strict inverse of Encode.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if err := parseCanonical("manifest", b, &m); err != nil {
		return Manifest{}, err
	}
	return m, m.validate()
}

func (m Manifest) validate() error {
	var errs []error
	bad := func(c bool, format string, args ...any) {
		if c {
			errs = append(errs, fmt.Errorf("manifest: "+format, args...))
		}
	}
	bad(m.Version != 1, "version %d is not 1: this build is too old or the file is damaged", m.Version)
	bad(m.Model == "", "no model name")
	bad(m.Base.IsZero(), "no base digest")
	bad(m.Adapter.Rank < 1 || m.Adapter.Alpha < 1 || len(m.Adapter.Targets) == 0, "incomplete adapter spec")
	bad(m.Contributions == nil || m.Files == nil, "contributions and files must be lists")
	bad(!slices.IsSortedFunc(m.Files, func(a, b FileRef) int { return strings.Compare(a.Name, b.Name) }), "files are not sorted")
	for i, f := range m.Files {
		bad(f.Name == "" || strings.ContainsAny(f.Name, "/\\") || f.Name == ManifestFile || f.Name[0] == '.', "file name %q", f.Name)
		bad(i > 0 && m.Files[i-1].Name == f.Name, "file %q twice", f.Name)
		bad(f.Size < 0, "file %q of %d bytes", f.Name, f.Size)
	}
	first := m.Parent == nil
	bad(first != (m.Rule == nil) || first != (len(m.Contributions) == 0), "a first checkpoint has neither parent, rule nor contributions; any other has all three")
	return errors.Join(errs...)
}

// File returns the reference of a named file.
func (m Manifest) File(name string) (FileRef, error) {
	for _, f := range m.Files {
		if f.Name == name {
			return f, nil
		}
	}
	return FileRef{}, fmt.Errorf("manifest: there is no file %q", name)
}
