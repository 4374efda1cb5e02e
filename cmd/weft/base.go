package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/base"
)

func baseCmd() *cobra.Command {
	c := &cobra.Command{Use: "base", Short: "Frozen base models"}
	c.AddCommand(&cobra.Command{
		Use:   "import SOURCE DIR",
		Short: "Bring a base in from a Hugging Face folder or a GGUF file, and print its digest",
		Long: "import reads a Hugging Face folder (safetensors, also sharded; bf16, f16 or f32) or a GGUF file (F32, F16, BF16, Q8_0,\n" +
			"Q4_0, Q4_1; tokenizer and chat template are taken from its metadata), checks that this program can run it, and writes DIR.",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return importBase(out(c), args[0], args[1]) },
	})
	return c
}

func importBase(p *printer, src, dst string) error {
	if _, err := os.Stat(filepath.Join(dst, base.ConfigFile)); err == nil {
		return &OpError{Op: "import into", Ref: dst, Err: errors.New("there is a base in this folder already"), Hint: "name another folder or remove it first"}
	}
	st, err := os.Stat(src)
	if err != nil {
		return failed("import", src, err)
	}
	if st.IsDir() {
		err = base.ImportFolder(src, dst)
	} else if strings.HasSuffix(strings.ToLower(src), ".gguf") {
		err = base.ImportGGUF(src, dst)
	} else {
		err = errors.New("neither a folder nor a .gguf file")
	}
	if err != nil {
		return failed("import", src, err)
	}
	b, err := base.Open(dst)
	if err != nil {
		return failed("open what was imported", dst, err)
	}
	d, err := b.Digest()
	if err := errors.Join(err, b.Close()); err != nil {
		return failed("digest", dst, err)
	}
	c := b.Config
	p.event("base", fields{"dir": dst, "digest": d, "layers": c.Layers, "hidden": c.Hidden, "vocab": c.Vocab, "chat_template": b.Chat != nil},
		"imported %s\n  digest    %s\n  decoder   %d layers, %d wide, %d heads (%d kv), vocabulary %d\n  template  %v", dst, d, c.Layers, c.Hidden, c.Heads, c.KVHeads, c.Vocab, b.Chat != nil)
	return nil
}
