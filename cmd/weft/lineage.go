package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
)

func lineageCmd() *cobra.Command {
	var dst string
	c := nodeFlag(&cobra.Command{
		Use:   "lineage MODEL",
		Short: "Show a model's checkpoints on chain, from the head to the first, and write those of this home as a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, home, _, err := session(c)
			if err != nil {
				return err
			}
			cs, err := chain.Lineage(c.Context(), cl.Context(), args[0])
			if err != nil {
				return failed("read the lineage of", args[0], err)
			}
			p := out(c)
			for _, x := range cs {
				printCheckpoint(p, x)
			}
			if dst == "" || len(cs) == 0 {
				return nil
			}
			head, err := digest.Parse(cs[0].Digest)
			if err != nil {
				return failed("read the lineage of", args[0], err)
			}
			return writeLineage(p, home, head, dst)
		},
	})
	c.Flags().StringVar(&dst, "out", "", "folder to write the lineage to, from the checkpoints that this home holds")
	return c
}

// writeLineage writes what a worker's home holds of a lineage as a folder for verify and export.
func writeLineage(p *printer, home string, head digest.Digest, dst string) error {
	if _, err := os.Stat(dst); err == nil {
		return &OpError{Op: "write", Ref: dst, Err: errors.New("it exists already"), Hint: "name another folder with --out"}
	}
	s, err := disk.Open(filepath.Join(home, "store"))
	if err != nil {
		return failed("open the store in", home, err)
	}
	if err := ckpt.WriteLineage(s, head, dst); err != nil {
		return &OpError{Op: "write the lineage to", Ref: dst, Err: errors.Join(err, os.RemoveAll(dst)), Hint: "use the home of an attester that served the whole run"}
	}
	p.event("written", fields{"dir": dst, "head": head}, "wrote %s", dst)
	return nil
}

func verifyCmd() *cobra.Command {
	var rebuild string
	c := &cobra.Command{
		Use:   "verify DIR",
		Short: "Recompute every digest of a lineage folder from its bytes",
		Long: "verify reads a folder that weft demo or weft export --lineage wrote and names every file that is damaged, missing or\n" +
			"foreign. With --rebuild BASE it also folds every checkpoint again from its parent and its deltas.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			es, missing, err := ckpt.VerifyLineage(args[0])
			if err != nil {
				return &OpError{Op: "verify", Ref: args[0], Err: err, Hint: "fetch the named files again"}
			}
			p := out(c)
			for _, e := range es {
				p.event("verified", fields{"digest": e.Digest, "run": e.Manifest.Run, "round": e.Manifest.Round, "contributions": len(e.Manifest.Contributions)},
					"ok  %s  run %d round %d, %d contributions", e.Digest, e.Manifest.Run, e.Manifest.Round, len(e.Manifest.Contributions))
			}
			for _, d := range missing {
				p.event("missing", fields{"delta": d}, "--  delta %s is not in the folder", d)
			}
			if rebuild != "" {
				if err := rebuildLineage(p, args[0], rebuild, es); err != nil {
					return failed("rebuild", args[0], err)
				}
			}
			p.event("lineage", fields{"head": es[0].Digest, "checkpoints": len(es)}, "%d checkpoints, every byte as the head %s says", len(es), es[0].Digest)
			return nil
		},
	}
	c.Flags().StringVar(&rebuild, "rebuild", "", "folder of the base: also make every checkpoint again from its deltas")
	return c
}

func rebuildLineage(p *printer, dir, baseDir string, es []ckpt.Entry) error {
	b, err := base.Open(baseDir)
	if err != nil {
		return err
	}
	defer b.Close()
	s := mem.New()
	if err := ckpt.LoadLineage(dir, s); err != nil {
		return err
	}
	for i := len(es) - 2; i >= 0; i-- {
		parent, err := trainer.Load(s, es[i+1].Digest, b.Config)
		if err != nil {
			return err
		}
		got, err := trainer.Rebuild(mem.New(), parent, es[i].Manifest, func(d digest.Digest) ([]byte, error) { return ckpt.GetBytes(s, d, 1<<28) })
		if err != nil {
			return err
		}
		if got.Digest != es[i].Digest {
			return fmt.Errorf("checkpoint %s folds to %s from its deltas", es[i].Digest, got.Digest)
		}
		p.event("rebuilt", fields{"digest": got.Digest}, "rebuilt %s from %d deltas", got.Digest, len(es[i].Manifest.Contributions))
	}
	return nil
}

func exportCmd() *cobra.Command {
	var dst, baseName string
	c := &cobra.Command{
		Use:   "export LINEAGE",
		Short: "Write the head of a lineage folder as a PEFT folder with a model card",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := os.Stat(dst); err == nil {
				return &OpError{Op: "write", Ref: dst, Err: errors.New("it exists already"), Hint: "name another folder with --out"}
			}
			es, _, err := ckpt.VerifyLineage(args[0])
			if err != nil {
				return &OpError{Op: "verify", Ref: args[0], Err: err, Hint: "fetch the named files again"}
			}
			s := mem.New()
			if err := ckpt.LoadLineage(args[0], s); err != nil {
				return failed("read", args[0], err)
			}
			if baseName != "" {
				if abs, err := filepath.Abs(baseName); err == nil && isDir(abs) {
					baseName = abs
				}
			}
			if err := writePEFT(s, es[0], dst, baseName, "", "", ""); err != nil {
				return failed("write", dst, err)
			}
			out(c).event("export", fields{"adapter": dst, "checkpoint": es[0].Digest}, "wrote %s from %s", dst, es[0].Digest)
			return nil
		},
	}
	c.Flags().StringVar(&dst, "out", "weft-adapter", "folder to write")
	c.Flags().StringVar(&baseName, "base", "", "name or folder of the base for PEFT")
	return c
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
