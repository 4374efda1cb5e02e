package base

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ImportFolder copies the files of a Hugging Face folder that make a base (config, weights, tokenizer, template) after
// checking that the config and the tokenizer can be run.
func ImportFolder(src, dst string) error {
	b, err := Open(src)
	if err != nil {
		return err
	}
	for _, name := range []string{"model.embed_tokens.weight", "model.norm.weight"} {
		if _, ok := b.where[name]; !ok {
			err = errors.Join(err, fmt.Errorf("there is no tensor %s", name))
		}
	}
	if err := errors.Join(err, b.Close()); err != nil {
		return err
	}
	weights, err := weightFiles(src)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dst, 0o755); err != nil {
		return err
	}
	for _, name := range append([]string{ConfigFile, TokenizerFile}, weights...) {
		if err := copyFile(filepath.Join(src, name), filepath.Join(dst, name)); err != nil {
			return err
		}
	}
	for _, name := range []string{IndexFile, "tokenizer_config.json", "chat_template.jinja", "generation_config.json"} {
		if err := copyFile(filepath.Join(src, name), filepath.Join(dst, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(src, dst string) (err error) {
	r, err := os.Open(src)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	w, err := os.Create(dst)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Sync(), w.Close())
}
