package demo

import (
	"context"
	"os"
	"path/filepath"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/operror"
)

// licence is that of the demo's model.
const licence = "apache-2.0"

func (p *playing) lineageDir() string { return filepath.Join(p.Out, "lineage") }

// lineage shows the checkpoints that the chain has, the newest first.
func (p *playing) lineage(ctx context.Context) error {
	cc := p.net.Trainers[0].Client.Context()
	m, err := chain.ReadModel(ctx, cc, p.Name)
	if err != nil {
		return operror.Wrap("read the model", p.Name, err)
	}
	cs, err := chain.Lineage(ctx, cc, p.Name)
	if err != nil {
		return operror.Wrap("read the lineage", p.Name, err)
	}
	p.Emit(&Heading{"Lineage on chain, newest first"})
	for _, c := range cs {
		p.Emit(CheckpointOf(c, m.Best))
	}
	return nil
}

// write answers the questions again, and writes the adapter as a PEFT folder and the lineage with its deltas.
func (p *playing) write(ctx context.Context) error {
	m, best, err := p.best(ctx)
	if err != nil {
		return err
	}
	p.Emit(&Heading{"The same questions before and after"})
	for _, q := range p.asked {
		after, err := p.answer(ctx, best.Adapter, q.IDs)
		if err != nil {
			return err
		}
		p.Emit(&Generation{q.Text, q.before, after, q.Answer})
	}
	name, err := p.placeBase()
	if err != nil {
		return err
	}
	claims, err := p.writeLineage(ctx, m, name)
	if err != nil {
		return err
	}
	adapter := filepath.Join(p.Out, "adapter")
	e := ckpt.Entry{Digest: best.Digest, Manifest: best.Manifest}
	if err := peft.Export(p.net.Attesters[0].Store(), e, adapter, name, licence, claims.Checkpoints[best.Digest]); err != nil {
		return operror.Wrap("write the adapter", adapter, err)
	}
	p.Emit(&Written{adapter, p.lineageDir(), best.Digest})
	return nil
}

// placeBase writes the base beside the result if it is nowhere else, and returns where the adapter's card says that it is.
func (p *playing) placeBase() (string, error) {
	if p.BaseName != "" {
		return p.BaseName, nil
	}
	dir, err := filepath.Abs(filepath.Join(p.Out, "base"))
	if err != nil {
		return "", operror.Wrap("write the base", p.Out, err)
	}
	return dir, operror.Wrap("write the base", dir, os.CopyFS(dir, os.DirFS(p.Base.Dir)))
}

// writeLineage writes every checkpoint with what the chain says of it.
func (p *playing) writeLineage(ctx context.Context, m *chain.Model, baseName string) (c ckpt.Claims, err error) {
	dir := p.lineageDir()
	if err := ckpt.WriteLineage(p.net.Attesters[0].Store(), m.Head, dir); err != nil {
		return c, operror.Wrap("write the lineage", dir, err)
	}
	cs, err := chain.Lineage(ctx, p.net.Trainers[0].Client.Context(), p.Name)
	if err != nil {
		return c, operror.Wrap("read the lineage", p.Name, err)
	}
	c = ckpt.Claims{BaseName: baseName, Checkpoints: map[digest.Digest]ckpt.Say{}}
	if !m.Best.IsZero() {
		c.Best = &m.Best
	}
	for _, x := range cs {
		c.Checkpoints[x.Digest] = x.Say(p.Spec.Numerics)
	}
	return c, operror.Wrap("write", dir, ckpt.WriteClaims(dir, c))
}
