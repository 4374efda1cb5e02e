package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/base"
)

func dataCmd() *cobra.Command {
	c := &cobra.Command{Use: "data", Short: "Datasets and token sets"}
	var dir, in, dst, columns string
	var seq, limit int
	b := &cobra.Command{
		Use:   "build",
		Short: "Turn JSONL records into a token set with a base's tokenizer and chat template",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return buildData(out(c), dir, in, dst, columns, seq, limit)
		},
	}
	b.Flags().StringVar(&dir, "base", "", "folder of the base model")
	b.Flags().StringVar(&in, "data", "", "JSONL file: messages, prompt and completion, text, or question and answer")
	b.Flags().StringVar(&dst, "out", "tokens.safetensors", "file to write")
	b.Flags().StringVar(&columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	b.Flags().IntVar(&seq, "seq", 1024, "sequence length: longer records are cut")
	b.Flags().IntVar(&limit, "records", 0, "use the first records only (0: all)")
	c.AddCommand(b)
	return c
}

func buildData(p *printer, dir, in, dst, columns string, seq, limit int) error {
	b, err := base.Open(dir)
	if err != nil {
		return failed("open the base", dir, err)
	}
	defer b.Close()
	s, err := readSet(b, in, seq, limit, columns)
	if err != nil {
		return err
	}
	raw, err := s.Encode()
	if err != nil {
		return failed("encode", in, err)
	}
	if err := os.WriteFile(dst, raw, 0o644); err != nil {
		return failed("write", dst, err)
	}
	d, n := digest.Sum(raw), 0
	for _, q := range s.Sequences {
		n += len(q.IDs)
	}
	p.event("token_set", fields{"file": dst, "digest": d, "records": len(s.Sequences), "tokens": n, "answer_tokens": s.AnswerTokens(), "cut": s.Meta.Cut, "duplicates": s.Meta.Duplicates, "dataset": s.Meta.Dataset},
		"wrote %s\n  digest     %s\n  dataset    %s\n  records    %d (%d cut at %d tokens, %d duplicates dropped)\n  tokens     %d, %d of them answers", dst, d, s.Meta.Dataset, len(s.Sequences), s.Meta.Cut, seq, s.Meta.Duplicates, n, s.AnswerTokens())
	return nil
}
