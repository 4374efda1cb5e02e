package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/x/round/protocol"
)

// verified tells of a checkpoint whose every byte is what its digest says.
type verified struct {
	Digest        digest.Digest `json:"digest"`
	Run           uint64        `json:"run"`
	Round         uint64        `json:"round"`
	Contributions int           `json:"contributions"`
}

func (*verified) Kind() string { return "verified" }

func (e *verified) Text() string {
	return fmt.Sprintf("ok  %s  run %d round %d, %d contributions", e.Digest, e.Run, e.Round, e.Contributions)
}

// missingDelta tells of a delta that a folder does not have.
type missingDelta struct {
	Delta digest.Digest `json:"delta"`
}

func (*missingDelta) Kind() string { return "missing" }
func (e *missingDelta) Text() string {
	return fmt.Sprintf("--  delta %s is not in the folder", e.Delta)
}

// rebuilt tells of a checkpoint that was folded again.
type rebuilt struct {
	Digest digest.Digest `json:"digest"`
	Deltas int           `json:"deltas"`
}

func (*rebuilt) Kind() string   { return "rebuilt" }
func (e *rebuilt) Text() string { return fmt.Sprintf("rebuilt %s from %d deltas", e.Digest, e.Deltas) }

// lineageVerified tells of a folder.
type lineageVerified struct {
	Head        digest.Digest `json:"head"`
	Checkpoints int           `json:"checkpoints"`
}

func (*lineageVerified) Kind() string { return "lineage" }

func (e *lineageVerified) Text() string {
	return fmt.Sprintf("%d checkpoints, every byte as the head %s says", e.Checkpoints, e.Head)
}

func verifyCmd() *cobra.Command {
	var rebuild string
	c := &cobra.Command{
		Use:   "verify DIR",
		Short: "Recompute every digest of a lineage folder from its bytes",
		Long: "verify reads a folder that weft demo, weft pull or weft lineage --out wrote and names every file that is damaged, missing or\n" +
			"foreign. With --rebuild BASE it also folds every checkpoint again from its parent and its deltas.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			es, missing, err := ckpt.VerifyLineage(args[0])
			if err != nil {
				return operror.Hinted("verify", args[0], err, "fetch the named files again: weft pull")
			}
			p := out.New(c)
			for _, e := range es {
				p.Emit(&verified{e.Digest, e.Manifest.Run, e.Manifest.Round, len(e.Manifest.Contributions)})
			}
			for _, d := range missing {
				p.Emit(&missingDelta{d})
			}
			if rebuild != "" {
				if err := rebuildLineage(p, args[0], rebuild, es); err != nil {
					return operror.Hinted("rebuild", args[0], err,
						"name the folder of the lineage's own base with --rebuild; deltas come with the folder of an attester")
				}
			}
			p.Emit(&lineageVerified{es[0].Digest, len(es)})
			return p.Err()
		},
	}
	c.Flags().StringVar(&rebuild, "rebuild", "", "folder of the base: also make every checkpoint again from its deltas")
	return c
}

func rebuildLineage(p *out.Printer, dir, baseDir string, es []ckpt.Entry) error {
	b, err := openBase(baseDir)
	if err != nil {
		return err
	}
	defer b.Close()
	s := mem.New()
	if err := ckpt.LoadLineage(dir, s); err != nil {
		return err
	}
	for i := len(es) - 2; i >= 0; i-- {
		parent, err := checkpoint.Load(s, es[i+1].Digest, b.Config)
		if err != nil {
			return err
		}
		file := func(d digest.Digest) ([]byte, error) { return ckpt.GetBytes(s, d, protocol.MaxBodyBytes) }
		got, err := checkpoint.Rebuild(mem.New(), parent, es[i].Manifest, file)
		if err != nil {
			return err
		}
		if got.Digest != es[i].Digest {
			return fmt.Errorf("checkpoint %s folds to %s from its deltas", es[i].Digest, got.Digest)
		}
		p.Emit(&rebuilt{got.Digest, len(es[i].Manifest.Contributions)})
	}
	return nil
}

// exported tells of an adapter that was written.
type exported struct {
	Adapter    string        `json:"adapter"`
	Checkpoint digest.Digest `json:"checkpoint"`
}

func (*exported) Kind() string   { return "export" }
func (e *exported) Text() string { return fmt.Sprintf("wrote %s from %s", e.Adapter, e.Checkpoint) }

func exportCmd() *cobra.Command {
	var dst, name, licence string
	var head bool
	c := &cobra.Command{
		Use:   "export LINEAGE",
		Short: "Write the best checkpoint of a lineage folder as a PEFT folder with a model card",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := fresh(dst, "--out"); err != nil {
				return err
			}
			e, say, err := pick(args[0], head, &name)
			if err != nil {
				return err
			}
			s := mem.New()
			if err := ckpt.LoadLineage(args[0], s); err != nil {
				return operror.Wrap("read", args[0], err)
			}
			if err := peft.Export(s, e, dst, name, licence, say); err != nil {
				return operror.Wrap("write", dst, err)
			}
			p := out.New(c)
			p.Emit(&exported{dst, e.Digest})
			return p.Err()
		},
	}
	c.Flags().StringVar(&dst, "out", "weft-adapter", "folder to write")
	c.Flags().StringVar(&name, "base", "",
		"Hugging Face name or folder under which the base can be loaded (default: the one that the lineage names)")
	c.Flags().StringVar(&licence, "licence", "apache-2.0", "licence that the model card names")
	c.Flags().BoolVar(&head, "head", false, "write the folder's head instead of the best checkpoint")
	return c
}

// pick chooses a checkpoint of a lineage folder, and finds a name for the base.
func pick(dir string, head bool, baseNamed *string) (ckpt.Entry, ckpt.Say, error) {
	es, _, err := ckpt.VerifyLineage(dir)
	if err != nil {
		return ckpt.Entry{}, ckpt.Say{}, operror.Hinted("verify", dir, err, "fetch the named files again: weft pull")
	}
	claims, err := ckpt.ReadClaims(dir)
	if err != nil {
		return ckpt.Entry{}, ckpt.Say{}, operror.Hinted("read", filepath.Join(dir, ckpt.ClaimsFile), err,
			"remove the file, or pull the lineage again")
	}
	chosen := es[0]
	for _, e := range es {
		if !head && claims.Best != nil && e.Digest == *claims.Best {
			chosen = e
		}
	}
	if *baseNamed == "" {
		*baseNamed = claims.BaseName
	}
	if *baseNamed == "" {
		return chosen, ckpt.Say{}, &operror.Error{Op: "write the model card", Err: errors.New("the folder does not say where its base is"),
			Hint: "give --base a Hugging Face name such as HuggingFaceTB/SmolLM2-135M-Instruct, or a folder"}
	}
	*baseNamed = baseName(*baseNamed)
	return chosen, claims.Checkpoints[chosen.Digest], nil
}

// baseName is a name that loads from any folder: a folder's is absolute.
func baseName(name string) string {
	if st, err := os.Stat(name); err != nil || !st.IsDir() {
		return name
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return abs
}
