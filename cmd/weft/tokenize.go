package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/operror"
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
				return operror.Wrap("open the tokenizer of", dir, err)
			}
			hint := `give a JSON array, e.g. echo '["hello"]' | weft tokenize --base DIR`
			var texts []string
			if err := json.NewDecoder(c.InOrStdin()).Decode(&texts); err != nil {
				return operror.Hinted("read the strings", "", fmt.Errorf("standard input: %w", err), hint)
			}
			ids := make([][]int32, len(texts))
			for i, s := range texts {
				if ids[i], err = t.Encode(s); err != nil {
					return operror.Hinted("tokenize string", fmt.Sprint(i), err, "correct the string of that number, from 0")
				}
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(ids)
		},
	}
	c.Flags().StringVar(&dir, "base", "", "folder with tokenizer.json")
	return required(c, "base")
}
