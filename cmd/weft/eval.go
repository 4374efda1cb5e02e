package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chat"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
)

// evalFlags are the flags of weft eval.
type evalFlags struct {
	engineFlags
	set, columns, prompt string
	records, seq, top    int
}

func evalCmd() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval",
		Short: "Evaluate a base or an adapter on a dataset, or show the likeliest next tokens of a prompt",
		Args:  cobra.NoArgs,
		Example: "  weft eval --base DIR --data test.jsonl --records 64 --adapter weft-demo/adapter\n" +
			"  weft eval --base DIR --prompt 'Once upon a time, there was' --top 5",
		RunE: func(c *cobra.Command, _ []string) error {
			if f.set == "" && !c.Flags().Changed("prompt") {
				return &operror.Error{Op: "evaluate", Err: errors.New("neither a dataset nor a prompt was given"),
					Hint: "give --data FILE or --prompt TEXT"}
			}
			x, err := f.open()
			if err != nil {
				return err
			}
			defer x.Close()
			if f.set == "" {
				return nextTokens(out.New(c), x, f.prompt, f.top)
			}
			return f.evaluate(c, x)
		},
	}
	f.register(c, exact.F32)
	adapterFlag(c, &f.adapter)
	c.Flags().StringVar(&f.set, "data", "", "JSONL file or token set to evaluate on")
	c.Flags().StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	c.Flags().IntVar(&f.records, "records", 0, "evaluate the first records only (0: all)")
	c.Flags().IntVar(&f.seq, "seq", 1024, "sequence length: longer records are cut")
	c.Flags().StringVar(&f.prompt, "prompt", "", "text whose next token is predicted (without --data)")
	c.Flags().IntVar(&f.top, "top", 5, "likeliest next tokens to show")
	return c
}

// evaluation tells how good a base or an adapter is on a dataset.
type evaluation struct {
	Step      int     `json:"step,omitempty"` // of weft tune, after so many
	Loss      float64 `json:"loss"`           // nats per answer token
	MicroNats uint64  `json:"micro_nats"`     // the same, exactly
	Tokens    uint64  `json:"tokens"`         // answer tokens
	Records   int     `json:"records"`
	Numerics  string  `json:"numerics"`
	text      string
}

func (*evaluation) Kind() string   { return "evaluation" }
func (e *evaluation) Text() string { return e.text }

func (f *evalFlags) evaluate(c *cobra.Command, x *engine) error {
	s, err := readSet(x.Base, f.set, f.seq, f.records, f.columns)
	if err != nil {
		return err
	}
	n, tokens, err := replay.Evaluate(c.Context(), x.model.NewWork(0), x.adapter, s, f.seq)
	if err != nil {
		return operror.Hinted("evaluate", f.set, err, "lower --seq to the base's longest position, or build the token set for this base")
	}
	p := out.New(c)
	p.Emit(&evaluation{Loss: float64(n) / 1e6, MicroNats: n, Tokens: tokens, Records: len(s.Sequences), Numerics: f.numerics,
		text: fmt.Sprintf("%.6f nats per answer token, over %d tokens of %d records (%s)", float64(n)/1e6, tokens, len(s.Sequences), f.numerics)})
	return p.Err()
}

// nextToken is a continuation of a prompt.
type nextToken struct {
	ID    int     `json:"id"`
	Prob  float32 `json:"probability"`
	Token string  `json:"token"`
}

// likeliest tells of the likeliest continuations of a prompt.
type likeliest struct {
	IDs []int32     `json:"ids"` // of the prompt
	Top []nextToken `json:"top"`
}

func (*likeliest) Kind() string { return "next_tokens" }

func (e *likeliest) Text() string {
	var text strings.Builder
	for _, n := range e.Top {
		fmt.Fprintf(&text, "%-7d %.9f  %q\n", n.ID, n.Prob, n.Token)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

var _ status.Event = (*likeliest)(nil)

// nextTokens prints the likeliest continuations of a prompt with their probabilities.
func nextTokens(p *out.Printer, x *engine, prompt string, top int) error {
	ids, err := chat.Prompt(x.Base, prompt)
	if err != nil {
		return operror.Hinted("tokenize the prompt", "", err, "give another --prompt")
	}
	g := x.model.NewGenerator(x.adapter, llm.Sampling{}, 0, 1)
	logits, err := g.Extend(ids)
	if err != nil {
		return operror.Hinted("run the base", x.Dir, err, "give a shorter --prompt")
	}
	probs := g.Probs(logits)
	order := make([]int, len(probs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(probs[y], probs[x]) })
	e := &likeliest{IDs: ids}
	for _, id := range order[:min(max(top, 0), len(order))] {
		e.Top = append(e.Top, nextToken{id, probs[id], x.Tokenizer.Decode([]int32{int32(id)}, false)})
	}
	p.Emit(e)
	return p.Err()
}
