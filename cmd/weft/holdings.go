package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// holdingFlags name the bases and token sets that a worker or an auditor has. Each run takes those that it pins, by their
// digests.
type holdingFlags struct {
	bases, train, eval []string
	threads            int
	maxMemory          byteSize
}

func (f *holdingFlags) register(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.bases, "base", nil, "folder of a run's base; may be given several times, for several runs")
	c.Flags().StringSliceVar(&f.train, "data", nil, "token set file that a run pins; may be given several times")
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (0: all processors)")
	memoryFlag(c, &f.maxMemory)
}

// holdings are what the flags name, opened when a run needs them.
type holdings struct {
	flags  *holdingFlags
	bases  map[digest.Digest]*base.Base
	models map[modelKey]*llm.Model
	sets   map[digest.Digest]*data.TokenSet
	read   map[string]digest.Digest // token set files, by path
}

type modelKey struct {
	base     digest.Digest
	numerics string
}

func (f *holdingFlags) open() (*holdings, error) {
	h := &holdings{flags: f, bases: map[digest.Digest]*base.Base{}, models: map[modelKey]*llm.Model{},
		sets: map[digest.Digest]*data.TokenSet{}, read: map[string]digest.Digest{}}
	if len(f.bases) == 0 {
		return nil, &operror.Error{Op: "open the base", Err: errors.New("no base was named"),
			Hint: "give the folder of the run's base with --base DIR"}
	}
	for _, dir := range f.bases {
		b, err := openBase(dir)
		if err != nil {
			return nil, errors.Join(err, h.Close())
		}
		d, err := b.Digest()
		if err != nil {
			return nil, operror.Wrap("digest", dir, errors.Join(err, b.Close(), h.Close()))
		}
		h.bases[d] = b
	}
	return h, nil
}

// Close closes the bases.
func (h *holdings) Close() error {
	var errs []error
	for _, b := range h.bases {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// fill opens what a run pins, and fills in the parts of a worker's configuration that follow from it.
func (h *holdings) fill(ctx context.Context, cl *chain.Client, c *worker.Config, spec *protocol.RunSpec, attests bool) error {
	m, err := chain.ReadModel(ctx, cl.Context(), spec.Model)
	if err != nil {
		return operror.Wrap("read the model", spec.Model, err)
	}
	b := h.bases[m.Base]
	if b == nil {
		var have []string
		for d, b := range h.bases {
			have = append(have, b.Dir+" is "+d.String())
		}
		slices.Sort(have)
		return &operror.Error{Op: "use the base", Err: fmt.Errorf("the model %s pins %s, and %s", m.Name, m.Base, strings.Join(have, ", ")),
			Hint: "import the same base with weft base import, and name its folder with --base"}
	}
	c.Base, c.Name, c.Adapter, c.Decoder, c.Numerics = m.Base, m.Name, m.Adapter, b.Config, exact.Numerics(spec.Numerics)
	if c.Train, err = h.set(h.flags.train, spec.Tokens, "--data"); err != nil {
		return err
	}
	c.TrainID = spec.Tokens
	if attests && spec.EvalEvery > 0 {
		if c.Eval, err = h.set(h.flags.eval, spec.Eval, "--eval"); err != nil {
			return err
		}
		c.EvalID = spec.Eval
	}
	model, err := h.model(b, m.Base, spec)
	if err != nil {
		return err
	}
	ad, err := b.Config.NewAdapter(m.Adapter)
	if err != nil {
		return operror.Wrap("make the adapter of", m.Name, err)
	}
	c.NewPass = func() replay.Pass { return model.NewWork(h.flags.threads) }
	return enough(h.flags.maxMemory, model.NewWork(h.flags.threads), ad, int(spec.SeqLen))
}

// model lays a base out for the run's numerics, once.
func (h *holdings) model(b *base.Base, d digest.Digest, spec *protocol.RunSpec) (*llm.Model, error) {
	key := modelKey{d, spec.Numerics}
	if m := h.models[key]; m != nil {
		return m, nil
	}
	num, err := exact.ParseNumerics(spec.Numerics)
	if err != nil {
		return nil, operror.Hinted("take part in the run", "", err, "install a build that knows the run's numerics")
	}
	e, err := newEngine(num, h.flags.threads)
	if err != nil {
		return nil, err
	}
	m, err := loadQuietly(func() (*llm.Model, error) { return b.Load(e, int64(h.flags.maxMemory)) })
	if err != nil {
		return nil, operror.Hinted("load the base", b.Dir, err, "import the base again: weft base import")
	}
	h.models[key] = m
	return m, nil
}

// set finds the token set that a run pins among the files of a flag.
func (h *holdings) set(paths []string, want digest.Digest, flag string) (*data.TokenSet, error) {
	for _, path := range paths {
		if _, done := h.read[path]; done {
			continue
		}
		s, d, err := data.LoadTokenSet(path)
		if err != nil {
			return nil, operror.Hinted("read the token set", path, err, "make it with weft data build and name it with "+flag)
		}
		h.sets[d], h.read[path] = s, d
	}
	if s := h.sets[want]; s != nil {
		return s, nil
	}
	var have []string
	for _, path := range paths {
		have = append(have, path+" is "+h.read[path].String())
	}
	if len(have) == 0 {
		have = []string{"none was named with " + flag}
	}
	return nil, &operror.Error{Op: "use the token set", Err: fmt.Errorf("the run pins %s, and %s", want, strings.Join(have, ", ")),
		Hint: "build it from the run's dataset with the run's base and sequence length, and name it with " + flag}
}
