package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/runspec"
)

// buildFlags are the flags of weft data build.
type buildFlags struct {
	base, data, out, columns string
	seq, records             int
	force                    bool
}

func dataCmd() *cobra.Command {
	var f buildFlags
	b := &cobra.Command{
		Use:   "build",
		Short: "Turn JSONL records into a token set with a base's tokenizer and chat template",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return buildData(out.New(c), &f) },
	}
	b.Flags().StringVar(&f.base, "base", "", "folder of the base model")
	b.Flags().StringVar(&f.data, "data", "", "JSONL file: messages, prompt and completion, text, or question and answer")
	b.Flags().StringVar(&f.out, "out", "tokens.safetensors", "file to write")
	b.Flags().StringVar(&f.columns, "columns", "", "column map, e.g. user=question,assistant=answer")
	b.Flags().IntVar(&f.seq, "seq", int(runspec.Default().SeqLen), "sequence length, the run's sequence_len: longer records are cut")
	b.Flags().IntVar(&f.records, "records", 0, "use the first records only (0: all)")
	b.Flags().BoolVar(&f.force, "force", false, "write over an existing file")
	return group(&cobra.Command{Use: "data", Short: "Datasets and token sets"}, required(b, "base", "data"))
}

// tokenSet tells of a token set that was made.
type tokenSet struct {
	File         string        `json:"file"`
	Digest       digest.Digest `json:"digest"`
	Dataset      digest.Digest `json:"dataset"` // Merkle root of the record ids
	Records      int           `json:"records"`
	Tokens       int           `json:"tokens"`
	AnswerTokens uint64        `json:"answer_tokens"`
	SequenceLen  int           `json:"sequence_len"`
	Cut          int           `json:"cut"`        // records that were cut
	Duplicates   int           `json:"duplicates"` // records that were dropped
}

func (*tokenSet) Kind() string { return "token_set" }

func (e *tokenSet) Text() string {
	return fmt.Sprintf("wrote %s\n  digest     %s\n  dataset    %s\n  records    %d (%d cut at %d tokens, %d duplicates dropped)\n  "+
		"tokens     %d, %d of them answers",
		e.File, e.Digest, e.Dataset, e.Records, e.Cut, e.SequenceLen, e.Duplicates, e.Tokens, e.AnswerTokens)
}

func buildData(p *out.Printer, f *buildFlags) error {
	if !f.force {
		if err := fresh(f.out, "--out, or write over it with --force"); err != nil {
			return err
		}
	}
	if a, err := os.Stat(f.out); err == nil {
		if b, err := os.Stat(f.data); err == nil && os.SameFile(a, b) {
			return operror.Hinted("write", f.out, fmt.Errorf("it is the dataset itself"), "name another file with --out")
		}
	}
	if f.seq < 2 || f.records < 0 {
		return operror.Hinted("build", f.data, fmt.Errorf("--seq is %d and --records %d", f.seq, f.records),
			"give --seq at least 2 and --records at least 0")
	}
	b, err := openBase(f.base)
	if err != nil {
		return err
	}
	defer b.Close()
	if f.seq > b.Config.MaxPositions {
		return operror.Hinted("build", f.data, fmt.Errorf("--seq %d exceeds the base's %d positions", f.seq, b.Config.MaxPositions),
			"lower --seq")
	}
	s, err := readSet(b, f.data, f.seq, f.records, f.columns)
	if err != nil {
		return err
	}
	raw, err := s.Encode()
	if err != nil {
		return operror.Wrap("encode", f.data, err)
	}
	if err := os.WriteFile(f.out, raw, 0o644); err != nil {
		return operror.Wrap("write", f.out, err)
	}
	n := 0
	for _, q := range s.Sequences {
		n += len(q.IDs)
	}
	p.Emit(&tokenSet{f.out, digest.Sum(raw), s.Meta.Dataset, len(s.Sequences), n, s.AnswerTokens(), f.seq, s.Meta.Cut, s.Meta.Duplicates})
	return p.Err()
}
