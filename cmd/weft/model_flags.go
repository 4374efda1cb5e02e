package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// modelFlags are the flags of commands that compute with a base.
type modelFlags struct {
	base, adapter, numerics string
	threads                 int
	maxMemory               byteSize
}

func (f *modelFlags) register(c *cobra.Command, numerics exact.Numerics) {
	c.Flags().StringVar(&f.base, "base", "", "folder of the base model (config.json, model.safetensors, tokenizer.json)")
	c.Flags().StringVar(&f.adapter, "adapter", "", "PEFT folder of an adapter to apply")
	c.Flags().StringVar(&f.numerics, "numerics", string(numerics), "arithmetic: "+string(exact.BFloat16)+" or "+string(exact.F32))
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (0: all processors)")
}

// open loads the base and, if one is named, the adapter.
func (f *modelFlags) open() (*base.Base, *llm.Model, *lora.Adapter, error) {
	if f.base == "" {
		return nil, nil, nil, &OpError{Op: "open the base", Err: errors.New("no base was named"), Hint: "give its folder with --base DIR; weft base import makes one"}
	}
	num, err := exact.ParseNumerics(f.numerics)
	if err != nil {
		return nil, nil, nil, failed("start the engine", "", err)
	}
	e, err := newEngine(num, f.threads)
	if err != nil {
		return nil, nil, nil, err
	}
	b, err := base.Open(f.base)
	if err != nil {
		return nil, nil, nil, failed("open the base", f.base, err)
	}
	m, err := loadQuietly(func() (*llm.Model, error) { return b.Load(e, int64(f.maxMemory)) })
	if err != nil {
		return nil, nil, nil, failed("load the base", f.base, errors.Join(err, b.Close()))
	}
	ad, err := f.openAdapter(b)
	if err != nil {
		return nil, nil, nil, failed("open the adapter", f.adapter, errors.Join(err, b.Close()))
	}
	return b, m, ad, nil
}

func (f *modelFlags) openAdapter(b *base.Base) (ad *lora.Adapter, err error) {
	if f.adapter == "" {
		return nil, nil
	}
	spec, file, err := peft.Read(f.adapter)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if ad, err = b.Config.NewAdapter(trainer.LoraSpec(spec)); err != nil {
		return nil, err
	}
	for _, n := range ad.Names() {
		x, err := file.Floats(n)
		if err != nil {
			return nil, err
		}
		lo, hi, _ := ad.Range(n)
		if len(x) != hi-lo {
			return nil, fmt.Errorf("tensor %s has %d elements, this base needs %d", n, len(x), hi-lo)
		}
		copy(ad.Params[lo:hi], x)
	}
	return ad, nil
}

// readSet reads a token set, or builds one from JSONL with the base's tokenizer and template.
func readSet(b *base.Base, path string, seq, limit int, columns string) (*data.TokenSet, error) {
	if strings.HasSuffix(path, ".safetensors") {
		s, _, err := data.LoadTokenSet(path)
		if err == nil && limit > 0 && limit < len(s.Sequences) {
			s.Sequences, s.RecordIDs = s.Sequences[:limit], s.RecordIDs[:limit]
		}
		return s, failed("read the token set", path, err)
	}
	cols, err := parseColumns(columns)
	if err != nil {
		return nil, failed("read", path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, failed("read the dataset", path, err)
	}
	ds, err := data.ReadJSONL(f, cols, limit)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, failed("read the dataset", path, err)
	}
	bl, err := b.Builder(seq)
	if err != nil {
		return nil, failed("read the tokenizer of", b.Dir, err)
	}
	s, err := bl.Build(ds)
	return s, failed("tokenize", path, err)
}

// parseColumns reads user=question,assistant=answer.
func parseColumns(s string) (data.Columns, error) {
	if s == "" {
		return nil, nil
	}
	cols := data.Columns{}
	for _, kv := range strings.Split(s, ",") {
		k, v, ok := strings.Cut(kv, "=")
		if !ok || k == "" || v == "" {
			return nil, fmt.Errorf("column map %q: want role=column, separated by commas, e.g. user=question,assistant=answer", s)
		}
		cols[k] = v
	}
	return cols, nil
}

// targetsFlag parses a list of projections; "all" means all seven.
func targetsFlag(s string) []string {
	if s == "all" {
		return llm.Projections
	}
	return strings.Split(s, ",")
}

func defaultHome() string {
	h, err := os.UserHomeDir()
	if err != nil {
		return ".weft"
	}
	return filepath.Join(h, ".weft")
}
