package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

type generateFlags struct {
	modelFlags
	prompts, stop      []string
	file, chat, system string
	limit              int
	sampling           llm.Sampling
}

func generateCmd() *cobra.Command {
	var f generateFlags
	c := &cobra.Command{
		Use:   "generate",
		Short: "Continue prompts, or answer a chat message, with a base or an adapter",
		Args:  cobra.NoArgs,
		Example: "  weft generate --base DIR --prompt 'Once upon a time' --temperature 0.8 --top-k 40 --seed 7\n" +
			"  weft generate --base DIR --prompts prompts.txt --stop '.' --json",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return failed("generate", "", err)
			}
			b, m, ad, err := f.open()
			if err != nil {
				return err
			}
			defer b.Close()
			ids, err := f.ids(b)
			if err != nil {
				return failed("read the prompt", f.file, err)
			}
			return f.generate(out(c), b, m, ad, ids)
		},
	}
	f.register(c, exact.F32)
	c.Flags().StringArrayVar(&f.prompts, "prompt", nil, "text to continue; repeat it for several at once; without one the base's first token begins")
	c.Flags().StringVar(&f.file, "prompts", "", "file with a prompt on every line, continued all at once")
	c.Flags().StringVar(&f.chat, "chat", "", "message to answer, rendered by the base's chat template")
	c.Flags().StringVar(&f.system, "system", "", "system message for --chat")
	c.Flags().IntVar(&f.limit, "max-tokens", 128, "longest answer, in tokens")
	c.Flags().Float64Var(&f.sampling.Temperature, "temperature", 0, "0 is greedy")
	c.Flags().IntVar(&f.sampling.TopK, "top-k", 0, "sample from this many of the likeliest tokens (0: all)")
	c.Flags().Float64Var(&f.sampling.TopP, "top-p", 1, "sample from the smallest set of this probability")
	c.Flags().Uint64Var(&f.sampling.Seed, "seed", 0, "seed of the sampler")
	c.Flags().StringArrayVar(&f.stop, "stop", nil, "text or special token to end before; may be repeated")
	return c
}

func (f *generateFlags) check() error {
	sources := 0
	for _, given := range []bool{len(f.prompts) > 0, f.file != "", f.chat != ""} {
		if given {
			sources++
		}
	}
	s := f.sampling
	switch {
	case sources > 1:
		return &OpError{Op: "generate", Err: errors.New("more than one source of prompts was given"), Hint: "give one of --prompt, --prompts and --chat"}
	case s.Temperature < 0 || s.TopP < 0 || s.TopP > 1 || s.TopK < 0 || f.limit < 1:
		return errors.New("temperature and top-k must not be negative, top-p lies between 0 and 1, max-tokens is at least 1")
	case slices.Contains(f.stop, ""):
		return errors.New("an empty --stop ends before anything is written")
	}
	return nil
}

// ids are the tokens of every prompt.
func (f *generateFlags) ids(b *base.Base) ([][]int32, error) {
	if f.chat != "" {
		ids, err := chatIDs(b, f.system, f.chat)
		return [][]int32{ids}, err
	}
	prompts := f.prompts
	if f.file != "" {
		raw, err := os.ReadFile(f.file)
		if err != nil {
			return nil, err
		}
		prompts = strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n"), "\n")
	}
	if len(prompts) == 0 {
		prompts = []string{""}
	}
	all := make([][]int32, len(prompts))
	for i, p := range prompts {
		ids, err := promptIDs(b, p)
		if err != nil {
			return nil, fmt.Errorf("prompt %d: %w", i+1, err)
		}
		all[i] = ids
	}
	return all, nil
}

func (f *generateFlags) generate(p *printer, b *base.Base, m *llm.Model, ad *lora.Adapter, prompts [][]int32) error {
	start := time.Now()
	stop, err := stopIDs(b, f.stop)
	if err != nil {
		return failed("read --stop", "", err)
	}
	answers := make([]answer, len(prompts))
	live := len(prompts) == 1 && !p.json // one answer is shown as it is written
	_, err = m.NewGenerator(ad, f.sampling, f.threads, len(prompts)).GenerateBatch(prompts, f.limit, stop, func(i int, id int32) bool {
		a := &answers[i]
		more := a.add(b.Tokenizer, id, f.stop)
		if live {
			fmt.Fprint(p.w, a.fresh())
		}
		return more
	})
	if err != nil {
		return failed("generate", "", err)
	}
	for i := range answers {
		a := &answers[i]
		a.finish()
		text := a.fresh()
		if len(prompts) > 1 {
			text = fmt.Sprintf("%d: %s", i+1, text)
		}
		if err := p.value(fields{"prompt": i + 1, "text": a.text, "ids": a.ids, "prompt_tokens": len(prompts[i]), "tokens": len(a.ids), "seconds": time.Since(start).Seconds()}, "%s", text); err != nil {
			return err
		}
	}
	return nil
}

// stopIDs are the tokens that end an answer: the base's own, and those that a stop text is in whole.
func stopIDs(b *base.Base, stop []string) ([]int, error) {
	ids := slices.Clone(b.Config.EOS)
	for _, s := range stop {
		e, err := b.Tokenizer.Encode(s)
		if err != nil {
			return nil, err
		}
		if len(e) == 1 {
			ids = append(ids, int(e[0]))
		}
	}
	return ids, nil
}
