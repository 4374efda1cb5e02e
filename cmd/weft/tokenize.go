package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/tokenizer"
)

func tokenizeCmd() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "tokenize --base DIR < strings.json",
		Short: "Turn a JSON array of strings into a JSON array of id arrays (no special tokens are added)",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			t, err := tokenizer.Load(filepath.Join(dir, base.TokenizerFile))
			if err != nil {
				return failed("open the tokenizer of", dir, err)
			}
			var texts []string
			if err := json.NewDecoder(c.InOrStdin()).Decode(&texts); err != nil {
				return &OpError{Op: "read the strings", Err: fmt.Errorf("standard input: %w", err), Hint: `give a JSON array, e.g. echo '["hello"]' | weft tokenize --base DIR`}
			}
			ids := make([][]int32, len(texts))
			for i, s := range texts {
				if ids[i], err = t.Encode(s); err != nil {
					return failed("tokenize string", fmt.Sprint(i), err)
				}
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(ids)
		},
	}
	c.Flags().StringVar(&dir, "base", "", "folder with tokenizer.json")
	return c
}
