package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chat"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/tokenizer"
)

type generateFlags struct {
	engineFlags
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
				return err
			}
			x, err := f.open()
			if err != nil {
				return err
			}
			defer x.Close()
			ids, err := f.ids(x.Base)
			if err != nil {
				return operror.Wrap("read the prompt", f.file, err)
			}
			return f.generate(out.New(c), x, ids)
		},
	}
	f.register(c, exact.F32)
	adapterFlag(c, &f.adapter)
	c.Flags().StringArrayVar(&f.prompts, "prompt", nil,
		"text to continue; repeat it for several at once; without one the base's first token begins")
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
	refuse := func(why, hint string) error { return &operror.Error{Op: "generate", Err: errors.New(why), Hint: hint} }
	s := f.sampling
	switch {
	case sources > 1:
		return refuse("more than one source of prompts was given", "give one of --prompt, --prompts and --chat")
	case s.Temperature < 0 || s.TopP < 0 || s.TopP > 1 || s.TopK < 0 || f.limit < 1:
		return refuse("temperature and top-k must not be negative, top-p lies between 0 and 1, max-tokens is at least 1",
			"correct the flag that is out of range")
	case slices.Contains(f.stop, ""):
		return refuse("an empty --stop ends before anything is written", "give --stop a text, or leave it away")
	case f.system != "" && f.chat == "":
		return refuse("--system is for --chat alone", "give --chat too")
	}
	return nil
}

// ids are the tokens of every prompt.
func (f *generateFlags) ids(b *base.Base) ([][]int32, error) {
	if f.chat != "" {
		var ms []tokenizer.Message
		if f.system != "" {
			ms = append(ms, tokenizer.Message{Role: "system", Content: f.system})
		}
		ids, err := chat.Turn(b, append(ms, tokenizer.Message{Role: "user", Content: f.chat}))
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
		ids, err := chat.Prompt(b, p)
		if err != nil {
			return nil, fmt.Errorf("prompt %d: %w", i+1, err)
		}
		all[i] = ids
	}
	return all, nil
}

// written tells of an answer.
type written struct {
	Prompt       int     `json:"prompt"` // its number, from 1
	Answer       string  `json:"text"`
	IDs          []int32 `json:"ids"`
	PromptTokens int     `json:"prompt_tokens"`
	Tokens       int     `json:"tokens"`
	Seconds      float64 `json:"seconds"`
	text         string
}

func (*written) Kind() string   { return "generation" }
func (e *written) Text() string { return e.text }

func (f *generateFlags) generate(p *out.Printer, x *engine, prompts [][]int32) error {
	start := time.Now()
	stop, err := chat.StopIDs(x.Base, f.stop)
	if err != nil {
		return operror.Hinted("read --stop", "", err, "give another text to stop at")
	}
	answers := make([]chat.Answer, len(prompts))
	live := len(prompts) == 1 // one answer is shown as it is written
	g := x.model.NewGenerator(x.adapter, f.sampling, f.threads, len(prompts))
	_, err = g.GenerateBatch(prompts, f.limit, stop, func(i int, id int32) bool {
		a := &answers[i]
		more := a.Add(x.Tokenizer, id, f.stop)
		if live {
			p.Text(a.Fresh())
		}
		return more
	})
	if err != nil {
		return operror.Hinted("generate", "", err, "give shorter prompts or a smaller --max-tokens")
	}
	for i := range answers {
		a := &answers[i]
		a.Finish()
		text := a.Fresh()
		if len(prompts) > 1 {
			text = fmt.Sprintf("%d: %s", i+1, text)
		}
		e := &written{i + 1, a.Text, a.IDs, len(prompts[i]), len(a.IDs), time.Since(start).Seconds(), text}
		if p.Emit(e); text == "" {
			p.Text("\n") // the end of what was shown
		}
	}
	return p.Err()
}
