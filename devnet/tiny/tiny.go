package tiny

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
)

// Names within the folder that Write makes and the file system that FS gives.
const (
	Base  = "base"             // a base in Hugging Face's layout
	Train = "data/train.jsonl" // the task's records to train on, one {"messages": …} a line
	Eval  = "data/eval.jsonl"  // the records to evaluate on; none of them is in Train
)

//go:embed base data
var files embed.FS

// FS is the folder with Base, Train and Eval.
func FS() fs.FS { return files }

// Write writes the folder into dir, which is made if need be. Files that are there already are overwritten.
func Write(dir string) error {
	return fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		b, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o644)
	})
}
