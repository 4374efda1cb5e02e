package ckpt

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weftnet/weft/ckpt/digest"
)

// A lineage folder holds a head and everything behind it:
//
//	HEAD                                the head's digest and a newline
//	checkpoints/<hex>/manifest.json     one folder per checkpoint, named by its digest
//	checkpoints/<hex>/adapter.safetensors, outer.safetensors
//	deltas/<hex>                        the delta files that contributions name
//	chain.json                          what the chain says of the checkpoints (Claims); no digest covers it
const (
	headFile       = "HEAD"
	checkpointsDir = "checkpoints"
	deltasDir      = "deltas"
	maxLineageFile = 4 << 30
)

// WriteLineage copies a head and its ancestors from a store into a folder, with every delta that the store still has.
func WriteLineage(s Store, head digest.Digest, dir string) error {
	for d := head; ; {
		raw, err := GetBytes(s, d, MaxManifest)
		if err != nil {
			return err
		}
		m, err := ParseManifest(raw)
		if err != nil {
			return err
		}
		sub := filepath.Join(dir, checkpointsDir, d.Hex())
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(sub, ManifestFile), raw, 0o644); err != nil {
			return err
		}
		for _, f := range m.Files {
			if err := copyBlob(s, f.Digest, filepath.Join(sub, f.Name)); err != nil {
				return err
			}
		}
		for _, c := range m.Contributions {
			err := copyBlob(s, c.Delta, filepath.Join(dir, deltasDir, c.Delta.Hex()))
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		if m.Parent == nil {
			break
		}
		d = *m.Parent
	}
	return os.WriteFile(filepath.Join(dir, headFile), []byte(head.String()+"\n"), 0o644)
}

func copyBlob(s Store, d digest.Digest, path string) (err error) {
	r, err := s.Get(d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	w, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// Entry is one checkpoint of a verified lineage, the head first.
type Entry struct {
	Digest   digest.Digest
	Manifest Manifest
}

// VerifyLineage recomputes every digest of a lineage folder from its bytes and returns the checkpoints, head first.
// Every file that is damaged, missing or not part of the lineage is named in the error; missing are the deltas that the
// folder lacks, which is no error.
func VerifyLineage(dir string) (entries []Entry, missing []digest.Digest, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, headFile))
	if err != nil {
		return nil, nil, fmt.Errorf("%s is not a lineage folder: %w", dir, err)
	}
	head, err := digest.Parse(strings.TrimSuffix(string(raw), "\n"))
	if err != nil || string(raw) != head.String()+"\n" {
		return nil, nil, fmt.Errorf("%s: damaged: want one digest and a newline", filepath.Join(dir, headFile))
	}
	known := map[string]bool{headFile: true, ClaimsFile: true}
	var errs []error
	check := func(rel string, want digest.Digest) []byte {
		known[rel] = true
		b, err := readLimited(filepath.Join(dir, rel))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", rel, err))
			return nil
		}
		if got := digest.Sum(b); got != want {
			errs = append(errs, fmt.Errorf("%s: damaged: its bytes hash to %s, the lineage names %s", rel, got, want))
			return nil
		}
		return b
	}
	for d := &head; d != nil; {
		sub := filepath.Join(checkpointsDir, d.Hex())
		b := check(filepath.Join(sub, ManifestFile), *d)
		if b == nil {
			if len(entries) == 0 {
				errs = append(errs, fmt.Errorf("%s names %s", headFile, *d))
			}
			break
		}
		m, err := ParseManifest(b)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", filepath.Join(sub, ManifestFile), err))
			break
		}
		for _, f := range m.Files {
			check(filepath.Join(sub, f.Name), f.Digest)
		}
		for _, c := range m.Contributions {
			rel := filepath.Join(deltasDir, c.Delta.Hex())
			if _, err := os.Stat(filepath.Join(dir, rel)); errors.Is(err, fs.ErrNotExist) {
				missing = append(missing, c.Delta)
			} else {
				check(rel, c.Delta)
			}
		}
		entries = append(entries, Entry{*d, m})
		if slices.ContainsFunc(entries[:len(entries)-1], func(e Entry) bool { return e.Digest == *d }) {
			errs = append(errs, fmt.Errorf("the lineage returns to %s", *d))
			break
		}
		d = m.Parent
	}
	errs = append(errs, strangers(dir, known))
	return entries, missing, errors.Join(errs...)
}

func readLimited(path string) (b []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() > maxLineageFile {
		return nil, fmt.Errorf("%d bytes exceed the limit of %d", st.Size(), int64(maxLineageFile))
	}
	return io.ReadAll(f)
}

// strangers names files that no checkpoint of the lineage lists.
func strangers(dir string, known map[string]bool) error {
	var errs []error
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil && !known[rel] {
			errs = append(errs, fmt.Errorf("%s: not part of the lineage", rel))
		}
		return err
	})
	return errors.Join(append(errs, err)...)
}

// LoadLineage puts every blob of a verified folder into a store.
func LoadLineage(dir string, s Store) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == headFile || e.Name() == ClaimsFile {
			return err
		}
		b, err := readLimited(path)
		if err != nil {
			return err
		}
		_, err = PutBytes(s, b)
		return err
	})
}
