package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

func generateCmd() *cobra.Command {
	var f modelFlags
	var prompt, chat, system string
	var limit int
	var s llm.Sampling
	c := &cobra.Command{
		Use:   "generate",
		Short: "Continue a prompt, or answer a chat message, with a base or an adapter",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if s.Temperature < 0 || s.TopP < 0 || s.TopP > 1 || limit < 1 {
				return failed("generate", "", errors.New("temperature must not be negative, top-p lies between 0 and 1, max-tokens is at least 1"))
			}
			b, m, ad, err := f.open()
			if err != nil {
				return err
			}
			defer b.Close()
			ids, err := promptIDs(b, prompt)
			if chat != "" {
				ids, err = chatIDs(b, system, chat)
			}
			if err != nil {
				return failed("read the prompt", "", err)
			}
			return generate(out(c), b, m, ad, ids, limit, s)
		},
	}
	f.register(c, exact.F32)
	c.Flags().StringVar(&prompt, "prompt", "", "text to continue; empty begins with the base's first token")
	c.Flags().StringVar(&chat, "chat", "", "message to answer, rendered by the base's chat template")
	c.Flags().StringVar(&system, "system", "", "system message for --chat")
	c.Flags().IntVar(&limit, "max-tokens", 128, "longest answer, in tokens")
	c.Flags().Float64Var(&s.Temperature, "temperature", 0, "0 is greedy")
	c.Flags().Float64Var(&s.TopP, "top-p", 1, "sample from the smallest set of this probability")
	c.Flags().Uint64Var(&s.Seed, "seed", 0, "seed of the sampler")
	return c
}

func generate(p *printer, b *base.Base, m *llm.Model, ad *lora.Adapter, ids []int32, limit int, s llm.Sampling) error {
	start := time.Now()
	var got []int32
	shown := ""
	_, err := m.NewGenerator(ad, s, 0, 1).Generate(ids, limit, b.Config.EOS, func(id int32) bool {
		got = append(got, id)
		// A token may end in the middle of a character: wait for the rest.
		if text := b.Tokenizer.Decode(got, true); !p.json && !strings.HasSuffix(text, "\ufffd") {
			fmt.Fprint(p.w, strings.TrimPrefix(text, shown))
			shown = text
		}
		return true
	})
	if err != nil {
		return failed("generate", "", err)
	}
	text := b.Tokenizer.Decode(got, true)
	return p.value(fields{"text": text, "ids": got, "prompt_tokens": len(ids), "tokens": len(got), "seconds": time.Since(start).Seconds()},
		"%s", strings.TrimPrefix(text, shown))
}
