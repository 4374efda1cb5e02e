package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/devnet/demo"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/mirror"
	"github.com/weftnet/weft/trainer/operror"
)

// lineageWritten tells of a lineage's folder.
type lineageWritten struct {
	Dir  string        `json:"dir"`
	Head digest.Digest `json:"head"`
}

func (*lineageWritten) Kind() string   { return "written" }
func (e *lineageWritten) Text() string { return "wrote " + e.Dir }

func lineageCmd() *cobra.Command {
	var dst string
	c := nodeFlag(&cobra.Command{
		Use:   "lineage MODEL",
		Short: "Show a model's checkpoints on chain, from the head to the first; --out writes those of this home as a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := reader(c)
			if err != nil {
				return err
			}
			l, err := readLineage(c.Context(), s.Client, args[0])
			if err != nil {
				return err
			}
			p := out.New(c)
			for _, x := range l.checkpoints {
				p.Emit(demo.CheckpointOf(x, l.model.Best))
			}
			if dst == "" {
				return p.Err()
			}
			store, err := disk.Open(filepath.Join(s.Dir, "store"))
			if err != nil {
				return operror.Wrap("open the store in", s.Dir, err)
			}
			return l.write(c.Context(), p, store, l.model.Head, dst, "use the home of an attester that served the whole run, or weft pull")
		},
	})
	c.Flags().StringVar(&dst, "out", "", "folder to write the lineage to, from the checkpoints that this home holds")
	return c
}

// lineage is a model's checkpoints as the chain has them, the head first.
type lineage struct {
	client      *chain.Client
	model       *chain.Model
	checkpoints []chain.Checkpoint
}

func readLineage(ctx context.Context, cl *chain.Client, model string) (*lineage, error) {
	m, err := chain.ReadModel(ctx, cl.Context(), model)
	if err != nil {
		return nil, operror.Hinted("read the model", model, err, "weftd query model models lists the models")
	}
	cs, err := chain.Lineage(ctx, cl.Context(), model)
	return &lineage{cl, m, cs}, operror.Wrap("read the lineage of", model, err)
}

// write writes what a store holds of the lineage as a folder for verify and export, with what the chain says of it.
func (l *lineage) write(ctx context.Context, p *out.Printer, s ckpt.Store, head digest.Digest, dst, hint string) error {
	if err := fresh(dst, "--out"); err != nil {
		return err
	}
	if err := ckpt.WriteLineage(s, head, dst); err != nil {
		return operror.Hinted("write the lineage to", dst, errors.Join(err, os.RemoveAll(dst)), hint)
	}
	claims := ckpt.Claims{Checkpoints: map[digest.Digest]ckpt.Say{}}
	if !l.model.Best.IsZero() {
		claims.Best = &l.model.Best
	}
	numerics := map[uint64]string{}
	for _, x := range l.checkpoints {
		if x.Run != 0 && numerics[x.Run] == "" {
			now, err := l.client.Sight(ctx, x.Run)
			if err != nil {
				return operror.Wrap("read run", fmt.Sprint(x.Run), err)
			}
			numerics[x.Run] = now.State.Run.Spec.Numerics
		}
		claims.Checkpoints[x.Digest] = x.Say(numerics[x.Run])
	}
	if err := ckpt.WriteClaims(dst, claims); err != nil {
		return operror.Wrap("write", dst, err)
	}
	p.Emit(&lineageWritten{dst, head})
	return p.Err()
}

// pullFlags are the flags of weft pull.
type pullFlags struct {
	from       []string
	dst        string
	head, best bool
	round      int64
}

// pulled tells of a file that was fetched.
type pulled struct {
	Checkpoint digest.Digest `json:"checkpoint"`
	Name       string        `json:"name"`
	Digest     digest.Digest `json:"digest"`
}

func (*pulled) Kind() string   { return "pulled" }
func (e *pulled) Text() string { return fmt.Sprintf("got %s of %s", e.Name, e.Checkpoint.Short()) }

func pullCmd() *cobra.Command {
	var f pullFlags
	c := nodeFlag(&cobra.Command{
		Use:   "pull MODEL --from URL",
		Short: "Download a model's lineage from attesters that run with --http, and verify every digest against the chain",
		Long: "pull takes the best checkpoint by evaluation, or the head when nothing was evaluated; --head and --round take another one. It\n" +
			"goes on where an interrupted pull stopped. Nothing that a mirror sends is trusted: the chain has the digest of every checkpoint.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return pull(c, args[0], &f) },
	})
	fromFlag(c, &f.from)
	c.Flags().StringVar(&f.dst, "out", "", "folder to write (default: the model's name)")
	c.Flags().BoolVar(&f.best, "best", false, "take the checkpoint with the best evaluation (what is taken without any of these)")
	c.Flags().BoolVar(&f.head, "head", false, "take the newest checkpoint")
	c.Flags().Int64Var(&f.round, "round", -1, "take the checkpoint of this round of the newest run")
	c.MarkFlagsMutuallyExclusive("best", "head", "round")
	return required(c, "from")
}

func pull(c *cobra.Command, model string, f *pullFlags) error {
	if f.dst == "" {
		f.dst = model
	}
	if err := fresh(f.dst, "--out"); err != nil {
		return err
	}
	s, err := reader(c)
	if err != nil {
		return err
	}
	l, err := readLineage(c.Context(), s.Client, model)
	if err != nil {
		return err
	}
	want, err := f.choose(l)
	if err != nil {
		return err
	}
	part := f.dst + ".part"
	store, err := disk.Open(part)
	if err != nil {
		return operror.Wrap("open", part, err)
	}
	p := out.New(c)
	hint := "name attesters that run with --http: --from http://host:port"
	for d := &want; d != nil; {
		at := *d
		m, err := mirror.Clients(f.from).Pull(c.Context(), store, at, func(r ckpt.FileRef) { p.Emit(&pulled{at, r.Name, r.Digest}) })
		if err != nil {
			return operror.Hinted("get checkpoint", at.String(), err, hint)
		}
		d = m.Parent
	}
	if err := l.write(c.Context(), p, store, want, f.dst, hint); err != nil {
		return err
	}
	if _, _, err := ckpt.VerifyLineage(f.dst); err != nil {
		return operror.Hinted("verify", f.dst, err, "remove the folder and pull again")
	}
	return operror.Wrap("remove", part, os.RemoveAll(part))
}

// choose finds the checkpoint to take.
func (f *pullFlags) choose(l *lineage) (digest.Digest, error) {
	if f.round >= 0 {
		for _, x := range l.checkpoints { // the newest first
			if x.Round == uint64(f.round) {
				return x.Digest, nil
			}
		}
		return digest.Digest{}, operror.Hinted("find round", fmt.Sprint(f.round), fmt.Errorf("%s has no checkpoint of it", l.model.Name),
			"weft lineage "+l.model.Name+" lists the checkpoints")
	}
	if !f.head && !l.model.Best.IsZero() {
		return l.model.Best, nil
	}
	return l.model.Head, nil
}
