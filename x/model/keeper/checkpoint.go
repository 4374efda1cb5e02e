package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// AppendCheckpoint makes c the head of its model's lineage. Its parent must be the head.
func (k Keeper) AppendCheckpoint(ctx context.Context, c protocol.Checkpoint) error {
	m, err := k.model(ctx, c.Model)
	if err != nil {
		return err
	}
	if m.Head != c.Parent.Text() {
		return types.ErrNotHead.Wrapf("%s: %s", c.Model, c.Parent)
	}
	parent, err := k.checkpoint(ctx, m.Head)
	if err != nil {
		return err
	}
	cp := types.Checkpoint{
		Position: parent.Position + 1,
		Digest:   c.Digest.Text(), Model: c.Model, Parent: c.Parent.Text(), Run: c.Run, Round: c.Round, Height: c.Height,
		Contributions: c.ContributionsRoot.Text(), Size_: c.Size,
	}
	if err := k.addCheckpoint(ctx, cp); err != nil {
		return err
	}
	m.Head = cp.Digest
	if err := k.models.Set(ctx, m.Name, m); err != nil {
		return err
	}
	return emit(ctx, &types.EventCheckpoint{Model: c.Model, Digest: c.Digest.String(), Parent: c.Parent.String(), Run: c.Run, Round: c.Round})
}

func (k Keeper) addCheckpoint(ctx context.Context, c types.Checkpoint) error {
	d, err := digest.Parse(c.Digest)
	if err != nil {
		return types.ErrInvalid.Wrap(err.Error())
	}
	has, err := k.checkpoints.Has(ctx, d[:])
	if err != nil {
		return err
	}
	if has || d.IsZero() {
		return types.ErrCheckpoint.Wrap(d.String())
	}
	return k.checkpoints.Set(ctx, d[:], c)
}

// checkpoint finds a checkpoint by the text form of its digest.
func (k Keeper) checkpoint(ctx context.Context, text string) (types.Checkpoint, error) {
	d, err := digest.Parse(text)
	if err != nil {
		return types.Checkpoint{}, types.ErrInvalid.Wrap(err.Error())
	}
	c, err := k.checkpoints.Get(ctx, d[:])
	if errors.Is(err, collections.ErrNotFound) {
		return c, types.ErrNoCheckpoint.Wrap(text)
	}
	return c, err
}

// RecordEval records a checkpoint's evaluation on a set, in millionths of a nat per token, and keeps the model's best: the lowest mean, of
// equal ones the earlier. Means on different sets say nothing about each other: then the checkpoint of the newer run is taken. A later
// evaluation of the same checkpoint replaces the first. A tainted checkpoint becomes best only by an evaluation that comes after the
// conviction and is lower than best's on the same set: so it is no worse than the last clean one.
func (k Keeper) RecordEval(ctx context.Context, d digest.Digest, microNats, tokens uint64, set digest.Digest) error {
	c, err := k.checkpoint(ctx, d.String())
	if err != nil {
		return err
	}
	c.Evaluation = &types.Evaluation{MicroNats: microNats, Tokens: tokens, Set: set.Text()}
	if err := k.checkpoints.Set(ctx, d[:], c); err != nil {
		return err
	}
	m, err := k.model(ctx, c.Model)
	if err != nil {
		return err
	}
	best, err := k.better(ctx, c, m.Best)
	if err != nil {
		return err
	}
	if best {
		m.Best = c.Digest
		if err := k.models.Set(ctx, m.Name, m); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventEvaluation{Model: m.Name, Digest: d.String(), MicroNats: microNats, Best: best})
}

// better reports whether c, just evaluated, is better than the best so far, if any.
func (k Keeper) better(ctx context.Context, c types.Checkpoint, best string) (bool, error) {
	if best == "" || best == c.Digest {
		return true, nil
	}
	b, err := k.checkpoint(ctx, best)
	if err != nil {
		return false, err
	}
	if c.Evaluation.Set != b.Evaluation.Set {
		tainted, err := k.taintedBy(ctx, c)
		return err == nil && tainted == "" && c.Run > b.Run, err
	}
	return c.Evaluation.MicroNats < b.Evaluation.MicroNats, nil
}
