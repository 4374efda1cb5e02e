package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/operror"
)

func baseCmd() *cobra.Command {
	return group(&cobra.Command{Use: "base", Short: "Frozen base models"}, &cobra.Command{
		Use:   "import SOURCE DIR",
		Short: "Bring a base in from a Hugging Face folder or a GGUF file, and print its digest",
		Long: "import reads a Hugging Face folder (safetensors, also sharded; bf16, f16 or f32) or a GGUF file (F32, F16, BF16, Q8_0,\n" +
			"Q4_0, Q4_1; tokenizer and chat template are taken from its metadata), checks that this program can run it, and writes DIR.",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return importBase(out.New(c), args[0], args[1]) },
	})
}

// baseImported tells of a base that was brought in.
type baseImported struct {
	Dir          string        `json:"dir"`
	Digest       digest.Digest `json:"digest"`
	Layers       int           `json:"layers"`
	Hidden       int           `json:"hidden"`
	Heads        int           `json:"heads"`
	KVHeads      int           `json:"kv_heads"`
	Vocab        int           `json:"vocab"`
	MaxPositions int           `json:"max_positions"`
	ChatTemplate bool          `json:"chat_template"`
}

func (*baseImported) Kind() string { return "base" }

func (e *baseImported) Text() string {
	return fmt.Sprintf("imported %s\n  digest    %s\n  decoder   %d layers, %d wide, %d heads (%d kv), vocabulary %d, at most %d "+
		"positions\n  template  %v",
		e.Dir, e.Digest, e.Layers, e.Hidden, e.Heads, e.KVHeads, e.Vocab, e.MaxPositions, e.ChatTemplate)
}

func importBase(p *out.Printer, src, dst string) error {
	if _, err := os.Stat(filepath.Join(dst, base.ConfigFile)); err == nil {
		return &operror.Error{Op: "import into", Ref: dst, Err: errors.New("there is a base in this folder already"),
			Hint: "name another folder or remove it first"}
	}
	st, err := os.Stat(src)
	if err != nil {
		return operror.Hinted("import", src, err, "check the path")
	}
	switch {
	case st.IsDir():
		err = base.ImportFolder(src, dst)
	case strings.HasSuffix(strings.ToLower(src), ".gguf"):
		err = base.ImportGGUF(src, dst)
	default:
		err = errors.New("neither a folder nor a .gguf file")
	}
	if err != nil {
		return operror.Hinted("import", src, err, "name a Hugging Face folder or a GGUF file of a family that README.md lists")
	}
	b, err := base.Open(dst)
	if err != nil {
		return operror.Wrap("open what was imported", dst, err)
	}
	d, err := b.Digest()
	if err := errors.Join(err, b.Close()); err != nil {
		return operror.Wrap("digest", dst, err)
	}
	c := b.Config
	p.Emit(&baseImported{dst, d, c.Layers, c.Hidden, c.Heads, c.KVHeads, c.Vocab, c.MaxPositions, b.Chat != nil})
	return p.Err()
}
