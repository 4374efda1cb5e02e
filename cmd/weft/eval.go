package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/tokenizer"
)

func evalCmd() *cobra.Command {
	var f modelFlags
	var set, columns, prompt string
	var records, seq, top int
	c := &cobra.Command{
		Use:   "eval",
		Short: "Evaluate a base or an adapter on a dataset, or show the likeliest next tokens of a prompt",
		Args:  cobra.NoArgs,
		Example: "  weft eval --base DIR --data test.jsonl --records 64 --adapter weft-demo/adapter\n" +
			"  weft eval --base DIR --prompt 'Once upon a time, there was' --top 5",
		RunE: func(c *cobra.Command, _ []string) error {
			b, m, ad, err := f.open()
			if err != nil {
				return err
			}
			defer b.Close()
			if set == "" {
				return nextTokens(out(c), b, m, ad, prompt, top)
			}
			s, err := readSet(b, set, seq, records, columns)
			if err != nil {
				return err
			}
			n, tokens, err := trainer.Evaluate(c.Context(), m.NewWork(0), ad, s, seq)
			if err != nil {
				return failed("evaluate", set, err)
			}
			return out(c).value(fields{"loss": float64(n) / 1e6, "micro_nats": n, "tokens": tokens, "records": len(s.Sequences), "numerics": f.numerics},
				"%.6f nats per answer token, over %d tokens of %d records (%s)", float64(n)/1e6, tokens, len(s.Sequences), f.numerics)
		},
	}
	f.register(c, exact.F32)
	c.Flags().StringVar(&set, "data", "", "JSONL file or token set to evaluate on")
	c.Flags().StringVar(&columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	c.Flags().IntVar(&records, "records", 0, "evaluate the first records only (0: all)")
	c.Flags().IntVar(&seq, "seq", 1024, "sequence length: longer records are cut")
	c.Flags().StringVar(&prompt, "prompt", "", "text whose next token is predicted (without --data)")
	c.Flags().IntVar(&top, "top", 5, "likeliest next tokens to show")
	return c
}

// nextTokens prints the likeliest continuations of a prompt with their probabilities.
func nextTokens(p *printer, b *base.Base, m *llm.Model, ad *lora.Adapter, prompt string, top int) error {
	ids, err := promptIDs(b, prompt)
	if err != nil {
		return failed("tokenize the prompt", "", err)
	}
	g := m.NewGenerator(ad, llm.Sampling{}, 0, 1)
	logits, err := g.Extend(ids)
	if err != nil {
		return failed("run the base", b.Dir, err)
	}
	probs := g.Probs(logits)
	order := make([]int, len(probs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(probs[y], probs[x]) })
	type next struct {
		ID    int     `json:"id"`
		Prob  float32 `json:"probability"`
		Token string  `json:"token"`
	}
	var list []next
	var text strings.Builder
	for _, id := range order[:min(max(top, 0), len(order))] {
		n := next{id, probs[id], b.Tokenizer.Decode([]int32{int32(id)}, false)}
		list = append(list, n)
		fmt.Fprintf(&text, "%-7d %.9f  %q\n", n.ID, n.Prob, n.Token)
	}
	return p.value(fields{"ids": ids, "top": list}, "%s", strings.TrimSuffix(text.String(), "\n"))
}

// promptIDs are a prompt's ids with the special tokens that the base puts before a text; an empty prompt is the BOS.
func promptIDs(b *base.Base, prompt string) ([]int32, error) {
	ids, err := b.Tokenizer.EncodeSpecial(prompt)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 && b.Config.BOS >= 0 {
		ids = []int32{int32(b.Config.BOS)}
	}
	if len(ids) == 0 {
		return nil, errors.New("the prompt is empty and the base has no token to begin with")
	}
	return ids, nil
}

// chatIDs renders a user's message (after an optional system message) with the base's template.
func chatIDs(b *base.Base, system, user string) ([]int32, error) {
	if b.Chat == nil {
		return nil, tokenizer.ErrNoTemplate
	}
	var ms []tokenizer.Message
	if system != "" {
		ms = append(ms, tokenizer.Message{Role: "system", Content: system})
	}
	text, err := b.Chat.Render(append(ms, tokenizer.Message{Role: "user", Content: user}), true)
	if err != nil {
		return nil, err
	}
	return b.Tokenizer.Encode(text)
}
