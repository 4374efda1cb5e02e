package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/operror"
)

// engineFlags are the flags of commands that compute with a base.
type engineFlags struct {
	base, adapter, numerics string
	threads                 int
	maxMemory               byteSize
}

func (f *engineFlags) register(c *cobra.Command, numerics exact.Numerics) {
	c.Flags().StringVar(&f.base, "base", "", "folder of the base model (config.json, model.safetensors, tokenizer.json)")
	c.Flags().StringVar(&f.numerics, "numerics", string(numerics), "arithmetic: "+string(exact.BFloat16)+" or "+string(exact.F32))
	c.Flags().IntVar(&f.threads, "threads", 0, "threads (0: all processors)")
}

// adapterFlag registers --adapter.
func adapterFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "adapter", "", "PEFT folder of an adapter to apply")
}

// engine is what the flags open: a base laid out for an engine and, if one is named, an adapter.
type engine struct {
	*base.Base
	model   *llm.Model
	adapter *lora.Adapter // nil: the bare base
}

// open loads the base and, if one is named, the adapter.
func (f *engineFlags) open() (*engine, error) {
	if f.base == "" {
		return nil, &operror.Error{Op: "open the base", Err: errors.New("no base was named"),
			Hint: "give its folder with --base DIR; weft base import makes one"}
	}
	num, err := exact.ParseNumerics(f.numerics)
	if err != nil {
		return nil, operror.Hinted("start the engine", "", err, "give --numerics one of those")
	}
	e, err := newEngine(num, f.threads)
	if err != nil {
		return nil, err
	}
	b, err := openBase(f.base)
	if err != nil {
		return nil, err
	}
	x := &engine{Base: b}
	if x.model, err = loadQuietly(func() (*llm.Model, error) { return b.Load(e, int64(f.maxMemory)) }); err != nil {
		return nil, operror.Wrap("load the base", f.base, errors.Join(err, b.Close()))
	}
	if x.adapter, err = openAdapter(b, f.adapter); err != nil {
		return nil, operror.Hinted("open the adapter", f.adapter, errors.Join(err, b.Close()),
			"name the folder of an adapter that was made for this base")
	}
	return x, nil
}

func openAdapter(b *base.Base, dir string) (ad *lora.Adapter, err error) {
	if dir == "" {
		return nil, nil
	}
	spec, file, err := peft.Read(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if ad, err = b.Config.NewAdapter(spec); err != nil {
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

// openBase opens a base's folder.
func openBase(dir string) (*base.Base, error) {
	b, err := base.Open(dir)
	hint := "import the base again: weft base import"
	if errors.Is(err, fs.ErrNotExist) {
		hint = "check the path; weft base import makes a base of a Hugging Face folder or a GGUF file"
	}
	return b, operror.Hinted("open the base", dir, err, hint)
}

// loadQuietly lays a base out without leaving its tensors behind: each one is garbage as soon as it is laid out, and at
// the collector's usual pace they would add up to the memory's peak. What was freed goes back to the system.
func loadQuietly(load func() (*llm.Model, error)) (*llm.Model, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	m, err := load()
	debug.FreeOSMemory()
	return m, err
}

// newEngine is exact.New with its errors explained; it warns of kernels that this processor computes wrongly.
func newEngine(n exact.Numerics, threads int) (*exact.Engine, error) {
	if threads < 0 {
		return nil, &operror.Error{Op: "start the engine", Err: fmt.Errorf("there cannot be %d threads", threads),
			Hint: "give --threads 0 for all processors, or a number of them"}
	}
	e, err := exact.New(n, threads)
	if err != nil {
		return nil, operror.Hinted("start the engine", "", err, "set WEFT_ENGINE to one of those, or leave it away")
	}
	for _, d := range e.Dropped() {
		fmt.Fprintf(os.Stderr, "warning: %v; using %s instead\n", d, e.Kernel())
	}
	return e, nil
}

// enough refuses a bound of memory that a step could not keep.
func enough(limit byteSize, w *llm.Work, ad *lora.Adapter, tokens int) error {
	if limit == 0 {
		return nil
	}
	if least := w.Least(ad, tokens); int64(limit) < least {
		return &operror.Error{Op: "keep within --max-memory", Err: fmt.Errorf("%.2f GB do not hold the weights and a step over %d tokens",
			float64(limit)/1e9, tokens),
			Hint: fmt.Sprintf("give at least --max-memory %dMB, or use shorter sequences or a smaller base", least/1e6+1), Code: operror.Local}
	}
	return nil
}

// readSet reads a token set, or builds one from JSONL with the base's tokenizer and template.
func readSet(b *base.Base, path string, seq, limit int, columns string) (*data.TokenSet, error) {
	if path == "" {
		return nil, &operror.Error{Op: "read the dataset", Err: errors.New("none was named"),
			Hint: "give --data FILE: JSONL records or a token set"}
	}
	if strings.HasSuffix(path, ".safetensors") {
		s, _, err := data.LoadTokenSet(path)
		if err == nil && limit > 0 && limit < len(s.Sequences) {
			s.Sequences, s.RecordIDs = s.Sequences[:limit], s.RecordIDs[:limit]
		}
		return s, operror.Hinted("read the token set", path, err, "make it with weft data build")
	}
	ds, err := readRecords(path, limit, columns)
	if err != nil {
		return nil, err
	}
	bl, err := b.Builder(seq)
	if err != nil {
		return nil, operror.Wrap("read the tokenizer of", b.Dir, err)
	}
	s, err := bl.Build(ds)
	return s, operror.Hinted("tokenize", path, err, "correct the record that is named")
}

// readRecords reads a dataset's first records; 0: all.
func readRecords(path string, limit int, columns string) (data.Dataset, error) {
	cols, err := parseColumns(columns)
	if err != nil {
		return data.Dataset{}, operror.Hinted("read", "--columns", err, "name columns as user=question,assistant=answer")
	}
	f, err := os.Open(path)
	if err != nil {
		return data.Dataset{}, operror.Hinted("read the dataset", path, err, "check the path")
	}
	ds, err := data.ReadJSONL(f, cols, limit)
	return ds, operror.Hinted("read the dataset", path, errors.Join(err, f.Close()), "correct the lines that are named")
}
