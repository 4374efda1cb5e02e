package base

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// Names of a base's files.
const (
	ConfigFile    = "config.json"
	WeightsFile   = "model.safetensors"
	IndexFile     = "model.safetensors.index.json"
	TokenizerFile = "tokenizer.json"
)

// Base is an opened folder.
type Base struct {
	Dir       string
	Config    llm.Config
	Tokenizer *tokenizer.Tokenizer
	Chat      *tokenizer.Chat // nil: the base has no chat template
	files     map[string]*safetensors.File
	where     map[string]string // tensor → file
}

// Open reads a folder's small files and the directory of its weights. The caller closes it.
func Open(dir string) (*Base, error) {
	cfg, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	b := &Base{Dir: dir, files: map[string]*safetensors.File{}, where: map[string]string{}}
	if b.Config, err = llm.ParseConfig(cfg); err != nil {
		return nil, fmt.Errorf("base %s: %w", dir, err)
	}
	if b.Tokenizer, err = tokenizer.Load(filepath.Join(dir, TokenizerFile)); err != nil {
		return nil, fmt.Errorf("base %s: %w", dir, err)
	}
	if b.Chat, err = tokenizer.LoadChat(dir); err != nil && !errors.Is(err, tokenizer.ErrNoTemplate) {
		return nil, fmt.Errorf("base %s: %w", dir, err)
	}
	if err := b.openWeights(); err != nil {
		return nil, errors.Join(fmt.Errorf("base %s: %w", dir, err), b.Close())
	}
	return b, nil
}

// openWeights opens model.safetensors, or the shards that the index lists.
func (b *Base) openWeights() error {
	names, err := weightFiles(b.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := safetensors.Open(filepath.Join(b.Dir, name))
		if err != nil {
			return err
		}
		b.files[name] = f
		for _, t := range f.Names() {
			if other, dup := b.where[t]; dup {
				return fmt.Errorf("tensor %s is in both %s and %s", t, other, name)
			}
			b.where[t] = name
		}
	}
	return nil
}

func weightFiles(dir string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, IndexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return []string{WeightsFile}, nil
	}
	if err != nil {
		return nil, err
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", IndexFile, err)
	}
	var names []string
	for _, f := range index.Map {
		if f != filepath.Base(f) || f == "" || f[0] == '.' {
			return nil, fmt.Errorf("%s: file name %q", IndexFile, f)
		}
		if !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Tensor implements llm.Weights: the numbers are flat, row by row.
func (b *Base) Tensor(name string) ([]float32, []int, error) {
	f, ok := b.files[b.where[name]]
	if !ok {
		return nil, nil, fmt.Errorf("base: there is no tensor %s", name)
	}
	return f.Tensor(name)
}

// Load lays the weights out for an engine; maxMemory is that of llm.Load. A tensor that the decoder would leave unused is
// an error, since the base then is not what its config says.
func (b *Base) Load(e *exact.Engine, maxMemory int64) (*llm.Model, error) {
	u := used{b, map[string]bool{}}
	m, err := llm.Load(b.Config, u, e, maxMemory)
	if err != nil {
		return nil, err
	}
	for name := range b.where {
		tied := b.Config.Tied && name == "lm_head.weight"
		if !u.names[name] && !tied && !strings.HasSuffix(name, ".rotary_emb.inv_freq") {
			return nil, fmt.Errorf("base %s: tensor %s has no place in a decoder of this config: "+
				"the base is of another architecture or carries an adapter", b.Dir, name)
		}
	}
	return m, nil
}

// used notes which tensors were read.
type used struct {
	*Base
	names map[string]bool
}

func (u used) Tensor(name string) ([]float32, []int, error) {
	u.names[name] = true
	return u.Base.Tensor(name)
}

// Close closes the weight files.
func (b *Base) Close() error {
	var errs []error
	for _, f := range b.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Manifest lists the files that a base's digest covers.
type Manifest struct {
	Files   []ckpt.FileRef `json:"files"`
	Version int            `json:"version"`
}

// Digest hashes the folder's config, weights and tokenizer files and returns the digest of their manifest.
func (b *Base) Digest() (digest.Digest, error) {
	weights, err := weightFiles(b.Dir)
	if err != nil {
		return digest.Digest{}, err
	}
	m := Manifest{Version: 1}
	for _, name := range append([]string{ConfigFile, TokenizerFile}, weights...) {
		ref, err := hashFile(b.Dir, name)
		if err != nil {
			return digest.Digest{}, fmt.Errorf("base: %w", err)
		}
		m.Files = append(m.Files, ref)
	}
	slices.SortFunc(m.Files, func(a, b ckpt.FileRef) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	raw, err := json.Marshal(m)
	if err != nil {
		return digest.Digest{}, err
	}
	return digest.Sum(raw), nil
}

// TokenizerDigest is the digest of tokenizer.json.
func (b *Base) TokenizerDigest() (digest.Digest, error) {
	ref, err := hashFile(b.Dir, TokenizerFile)
	return ref.Digest, err
}

func hashFile(dir, name string) (ref ckpt.FileRef, err error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return ref, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return ref, err
	}
	d, err := digest.SumReader(f)
	return ckpt.FileRef{Digest: d, Name: name, Size: st.Size()}, err
}

// Builder returns a token set builder for this base.
func (b *Base) Builder(seqLen int) (data.Builder, error) {
	d, err := b.TokenizerDigest()
	if err != nil {
		return data.Builder{}, err
	}
	eos := int32(-1)
	if len(b.Config.EOS) > 0 {
		eos = int32(b.Config.EOS[0])
	}
	return data.Builder{Tokenizer: b.Tokenizer, Digest: d, Chat: b.Chat, EOS: eos, SeqLen: seqLen}, nil
}
