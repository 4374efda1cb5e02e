package tiny_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/trainer/tokenizer"
)

const seqLen = 96

type fixture struct {
	base        *base.Base
	model       *llm.Model
	train, eval *data.TokenSet
	questions   data.Dataset // of eval
}

func open(t *testing.T) fixture {
	t.Helper()
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := base.Open(filepath.Join(dir, tiny.Base))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	e, err := exact.New(exact.F32, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{base: b}
	if f.model, err = b.Load(e, 0); err != nil {
		t.Fatal(err)
	}
	bl, err := b.Builder(seqLen)
	if err != nil {
		t.Fatal(err)
	}
	for path, to := range map[string]**data.TokenSet{tiny.Train: &f.train, tiny.Eval: &f.eval} {
		raw, err := fs.ReadFile(tiny.FS(), path)
		if err != nil {
			t.Fatal(err)
		}
		ds, err := data.ReadJSONL(bytes.NewReader(raw), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if *to, err = bl.Build(ds); err != nil {
			t.Fatal(err)
		}
		if path == tiny.Eval {
			f.questions = ds
		}
	}
	return f
}

// loss is the mean over the evaluation set's answer tokens, in nats.
func (f fixture) loss(t *testing.T, w *llm.Work, ad *lora.Adapter) float64 {
	t.Helper()
	l, err := w.Eval(ad, f.eval.Sequences)
	if err != nil || !l.Finite {
		t.Fatal(err, l.Finite)
	}
	return l.Sum() / float64(len(l.NLL))
}

// answer is the greedy continuation of an evaluation question, and right tells whether it is the record's own answer.
func (f fixture) answer(t *testing.T, ad *lora.Adapter, i int) (question, text string, right bool) {
	t.Helper()
	ms := f.questions.Records[i].Messages
	prompt, err := f.base.Chat.Render(ms[:len(ms)-1], true)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := f.base.Tokenizer.Encode(prompt)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.model.NewGenerator(ad, llm.Sampling{}, 1, 1).Generate(ids, 48, f.base.Config.EOS, nil)
	if err != nil {
		t.Fatal(err)
	}
	text = f.base.Tokenizer.Decode(out, true)
	return ms[len(ms)-2].Content, text, text == ms[len(ms)-1].Content
}

func (f fixture) right(t *testing.T, ad *lora.Adapter) (n int) {
	for i := range f.questions.Records {
		if _, _, ok := f.answer(t, ad, i); ok {
			n++
		}
	}
	return n
}

// TestFineTuningHelps fine-tunes as a run does: rounds in which three trainers take inner steps from one checkpoint on
// records of their own, and their mean becomes the next checkpoint.
func TestFineTuningHelps(t *testing.T) {
	const trainers, rounds, inner, batch = 3, 4, 10, 4
	f := open(t)
	ad, err := f.base.Config.NewAdapter(ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: llm.Projections})
	if err != nil {
		t.Fatal(err)
	}
	ad.Init([32]byte{1})
	w := f.model.NewWork(0)
	opt := optim.New(optim.AdamW{LR: 2e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1, Warmup: 5, Schedule: "constant"})
	order, next := data.NewOrder(1, len(f.train.Sequences)), uint64(0)
	before, beforeRight := f.loss(t, w, nil), f.right(t, nil)
	for r := range rounds {
		mean := make([]float32, len(ad.Params))
		for range trainers {
			own, st, grad := ad.Clone(), optim.NewMoments(len(ad.Params)), make([]float32, len(ad.Params))
			for step := range inner {
				var b []llm.Sequence
				for range batch {
					b = append(b, f.train.Sequences[order.At(next)])
					next++
				}
				clear(grad)
				l, err := w.Grad(grad, own, nil, b)
				if err != nil || !l.Finite {
					t.Fatal(err, l.Finite)
				}
				opt.Step(w.Run, own, st, grad, len(l.NLL), r*inner+step)
			}
			for i, p := range own.Params {
				mean[i] += p / trainers
			}
		}
		copy(ad.Params, mean)
		t.Logf("round %d: evaluation %.4f", r+1, f.loss(t, w, ad))
	}
	after, afterRight := f.loss(t, w, ad), f.right(t, ad)
	t.Logf("evaluation %.4f → %.4f, right answers %d → %d of %d", before, after, beforeRight, afterRight, len(f.questions.Records))
	for i := range 4 {
		q, old, _ := f.answer(t, nil, i)
		_, now, _ := f.answer(t, ad, i)
		t.Logf("%s\n  before: %q\n  after:  %q", q, old, now)
	}
	if after > 0.1*before || afterRight < 40 || beforeRight > 0 {
		t.Fatal("fine-tuning does not help as it should")
	}
}

// TestBaseKnowsItsText asks the bare base to go on with texts of the kinds it was trained on.
func TestBaseKnowsItsText(t *testing.T) {
	f := open(t)
	for prompt, want := range map[string]string{
		"Sums: 5 + 7 =": " 12.",
		"The frog is":   " green.",
		"Tom has 3 apples. Mia gives Tom 4 more apples. How many apples does Tom have now?": "\nWe add: 3 + 4 = 7. Answer: 7.",
		"<|im_start|>user\nWhat does the cow eat?<|im_end|>\n<|im_start|>assistant\n":       "The cow eats grass.",
	} {
		ids, err := f.base.Tokenizer.Encode(prompt)
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.model.NewGenerator(nil, llm.Sampling{}, 1, 1).Generate(ids, 16, f.base.Config.EOS, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.base.Tokenizer.Decode(out, false); !strings.HasPrefix(got, want) {
			t.Errorf("%q goes on %q, want %q", prompt, got, want)
		}
	}
}

func TestFilesAreSmallAndWhole(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(tiny.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		total += i.Size()
		return err
	})
	if err != nil || total > 2<<20 {
		t.Fatalf("%d bytes, %v", total, err)
	}
	f := open(t)
	params := 0
	for _, name := range []string{"model.embed_tokens.weight", "model.norm.weight"} {
		x, _, err := f.base.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		params += len(x)
	}
	ms, err := f.base.Config.Modules(llm.Projections)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		params += m.Out * m.In
	}
	params += 2 * f.base.Config.Layers * f.base.Config.Hidden
	if params > 1_000_000 || f.base.Tokenizer.VocabSize() != f.base.Config.Vocab {
		t.Fatal(params, f.base.Tokenizer.VocabSize())
	}
	t.Logf("%d parameters, %d bytes in all", params, total)
	trained := map[string]bool{}
	for _, s := range f.train.Sequences {
		trained[f.base.Tokenizer.Decode(s.IDs, false)] = true
		if len(s.IDs) > seqLen || s.Answer() == 0 {
			t.Fatal("a training record does not fit")
		}
	}
	if slices.ContainsFunc(f.eval.Sequences, func(s llm.Sequence) bool { return trained[f.base.Tokenizer.Decode(s.IDs, false)] }) {
		t.Fatal("a record is in both sets")
	}
	if _, err := f.base.Chat.Render([]tokenizer.Message{{Role: "user", Content: "x"}}, true); err != nil {
		t.Fatal(err)
	}
}
