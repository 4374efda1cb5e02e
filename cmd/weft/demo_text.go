package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// prompt is a question of the evaluation set, what it should be answered, and the base's answer.
type prompt struct {
	ids                     []int32
	question, want, untuned string
}

const demoPrompts = 3

// before answers a few evaluation questions with the bare base.
func (d *demonstration) before(context.Context) error {
	f, err := os.Open(d.f.eval)
	if err != nil {
		return failed("read the dataset", d.f.eval, err)
	}
	cols, err := parseColumns(d.f.columns)
	if err != nil {
		return failed("read", d.f.eval, err)
	}
	ds, err := data.ReadJSONL(f, cols, demoPrompts)
	if err := firstError(err, f.Close()); err != nil {
		return failed("read the dataset", d.f.eval, err)
	}
	for _, r := range ds.Records {
		p, err := d.prompt(r)
		if err != nil {
			return failed("render a question", "", err)
		}
		if p.untuned, err = d.answer(nil, p.ids); err != nil {
			return err
		}
		d.prompts = append(d.prompts, p)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) prompt(r data.Record) (p prompt, err error) {
	if n := len(r.Messages); n > 0 {
		if d.b.Chat == nil {
			return p, tokenizer.ErrNoTemplate
		}
		text, err := d.b.Chat.Render(r.Messages[:n-1], true)
		if err != nil {
			return p, err
		}
		p.question, p.want = r.Messages[max(n-2, 0)].Content, r.Messages[n-1].Content
		p.ids, err = d.b.Tokenizer.Encode(text)
		return p, err
	}
	p.question, p.want = r.Prompt, r.Completion
	if p.want == "" { // plain text: its first words are the question
		words := strings.Fields(r.Text)
		p.question = strings.Join(words[:min(8, len(words))], " ")
	}
	p.ids, err = d.b.Tokenizer.EncodeSpecial(p.question)
	return p, err
}

func (d *demonstration) answer(ad *lora.Adapter, ids []int32) (string, error) {
	got, err := d.m.NewGenerator(ad, llm.Sampling{}, 0, 1).Generate(ids, 96, d.b.Config.EOS, nil)
	return strings.TrimSpace(d.b.Tokenizer.Decode(got, true)), failed("generate", "", err)
}

// head loads the newest checkpoint from the first attester's store.
func (d *demonstration) head(ctx context.Context) (*trainer.Checkpoint, ckpt.Store, error) {
	s, _, err := d.net.Trainers[0].Client.State(ctx, d.net.RunID)
	if err != nil {
		return nil, nil, err
	}
	store := d.net.Attesters[0].Store()
	cp, err := trainer.Load(store, s.Run.Head, d.b.Config)
	return cp, store, err
}

// after shows the same questions answered by the trained adapter.
func (d *demonstration) after(ctx context.Context) error {
	cp, _, err := d.head(ctx)
	if err != nil {
		return failed("load the head", "", err)
	}
	d.p.event("heading", fields{"title": "generations"}, "\nThe same questions before and after")
	for _, p := range d.prompts {
		tuned, err := d.answer(cp.Adapter, p.ids)
		if err != nil {
			return err
		}
		d.p.event("generation", fields{"question": p.question, "reference": p.want, "before": p.untuned, "after": tuned},
			"  question   %s\n  before     %s\n  after      %s\n  reference  %s\n", indent(p.question), indent(p.untuned), indent(tuned), indent(p.want))
	}
	return nil
}

// export writes the adapter as a PEFT folder and the lineage with its deltas.
func (d *demonstration) export(ctx context.Context) error {
	cp, store, err := d.head(ctx)
	if err != nil {
		return failed("load the head", "", err)
	}
	dir := filepath.Join(d.f.dst, "lineage")
	if err := ckpt.WriteLineage(store, cp.Digest, dir); err != nil {
		return failed("write the lineage", dir, err)
	}
	baseName := d.f.base
	if d.own {
		baseName = filepath.Join(d.f.dst, "base")
		if err := copyTree(d.f.base, baseName); err != nil {
			return failed("write the base", baseName, err)
		}
	}
	if baseName, err = filepath.Abs(baseName); err != nil {
		return failed("export", "", err)
	}
	adapter := filepath.Join(d.f.dst, "adapter")
	before := ""
	if len(d.evals) > 0 {
		before = d.evalText(d.evals[0].checkpoint)
	}
	if err := writePEFT(store, ckpt.Entry{Digest: cp.Digest, Manifest: cp.Manifest}, adapter, baseName, d.f.numerics, before, d.evalText(cp.Digest)); err != nil {
		return failed("write the adapter", adapter, err)
	}
	d.p.event("export", fields{"adapter": adapter, "lineage": dir, "checkpoint": cp.Digest},
		"Written\n  %s   opens in PEFT\n  %s   every checkpoint and delta", adapter, dir)
	return nil
}

func (d *demonstration) evalText(c digest.Digest) string {
	for _, e := range d.evals {
		if e.checkpoint == c {
			return fmt.Sprintf("%.4f nats per answer token, over %d tokens", float64(e.microNats)/1e6, e.tokens)
		}
	}
	return ""
}

// copyTree copies a folder of plain files.
func copyTree(src, dst string) error { return os.CopyFS(dst, os.DirFS(src)) }
