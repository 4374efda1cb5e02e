package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// taintKey is (model, position in the lineage, account).
type taintKey = collections.Triple[string, uint64, string]

// maxFallback bounds how far best is looked for in the lineage when a conviction or a pardon changes what is clean.
const maxFallback = 4096

// Taint records that a checkpoint contains forged work of an account, and so does everything that descends from it: a lineage is a line,
// so nothing is written to the descendants. A best checkpoint among them gives way to the best clean one.
func (k Keeper) Taint(ctx context.Context, d digest.Digest, run, round uint64, account protocol.Account) error {
	c, err := k.checkpoint(ctx, d.String())
	if err != nil {
		return err
	}
	t := types.Taint{Model: c.Model, Position: c.Position, Account: string(account), Checkpoint: c.Digest, Run: run, Round: round}
	if err := k.taints.Set(ctx, collections.Join3(c.Model, c.Position, string(account)), t); err != nil {
		return err
	}
	m, err := k.model(ctx, c.Model)
	if err != nil {
		return err
	}
	if err := k.passOver(ctx, &m, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventTaint{Model: c.Model, Digest: d.String(), Account: string(account), Best: m.Best})
}

// Untaint takes back what Taint recorded of an account; nothing happens when there is nothing to take back. best moves to the best of what
// is
// clean again, if that is better.
func (k Keeper) Untaint(ctx context.Context, d digest.Digest, account protocol.Account) error {
	c, err := k.checkpoint(ctx, d.String())
	if err != nil {
		return err
	}
	key := collections.Join3(c.Model, c.Position, string(account))
	if has, err := k.taints.Has(ctx, key); err != nil || !has {
		return err
	}
	if err := k.taints.Remove(ctx, key); err != nil {
		return err
	}
	m, err := k.model(ctx, c.Model)
	if err != nil {
		return err
	}
	if err := k.restore(ctx, &m); err != nil {
		return err
	}
	return emit(ctx, &types.EventTaint{Model: c.Model, Digest: d.String(), Account: string(account), Pardoned: true, Best: m.Best})
}

// passOver makes best the best of what is clean, if it descends from a checkpoint that was tainted.
func (k Keeper) passOver(ctx context.Context, m *types.Model, tainted types.Checkpoint) error {
	if m.Best == "" {
		return nil
	}
	best, err := k.checkpoint(ctx, m.Best)
	if err != nil || best.Position < tainted.Position {
		return err
	}
	if m.Best, err = k.bestClean(ctx, m); err != nil {
		return err
	}
	return k.models.Set(ctx, m.Name, *m)
}

// restore makes best the best of what is clean, if that is better than the one there is.
func (k Keeper) restore(ctx context.Context, m *types.Model) error {
	found, err := k.bestClean(ctx, m)
	if err != nil || found == "" {
		return err
	}
	c, err := k.checkpoint(ctx, found)
	if err != nil {
		return err
	}
	better, err := k.better(ctx, c, m.Best)
	if err != nil || !better {
		return err
	}
	m.Best = found
	return k.models.Set(ctx, m.Name, *m)
}

// bestClean is the best checkpoint before the earliest taint of the lineage: what lies between several of them is not clean.
func (k Keeper) bestClean(ctx context.Context, m *types.Model) (string, error) {
	head, err := k.checkpoint(ctx, m.Head)
	if err != nil {
		return "", err
	}
	first, err := k.taintedBy(ctx, head)
	if err != nil {
		return "", err
	}
	if first == "" {
		return k.bestUpTo(ctx, m.Head)
	}
	c, err := k.checkpoint(ctx, first)
	if err != nil {
		return "", err
	}
	return k.bestUpTo(ctx, c.Parent)
}

// bestUpTo is the checkpoint with the lowest evaluation among the given one and its ancestors that were evaluated on the same set as the
// nearest evaluated one; of equal ones the earliest. None when none was evaluated.
func (k Keeper) bestUpTo(ctx context.Context, at string) (string, error) {
	var best *types.Checkpoint
	for range maxFallback {
		if at == "" {
			break
		}
		c, err := k.checkpoint(ctx, at)
		if err != nil {
			return "", err
		}
		e := c.Evaluation
		if e != nil && (best == nil || e.Set == best.Evaluation.Set && e.MicroNats <= best.Evaluation.MicroNats) {
			best = &c
		}
		at = c.Parent
	}
	if best == nil {
		return "", nil
	}
	return best.Digest, nil
}

// taintedBy is the earliest checkpoint with forged work that c descends from, or itself; none when it is clean.
func (k Keeper) taintedBy(ctx context.Context, c types.Checkpoint) (string, error) {
	var first types.Taint
	err := k.taints.Walk(ctx, collections.NewPrefixedTripleRange[string, uint64, string](c.Model),
		func(_ taintKey, t types.Taint) (bool, error) {
			first = t
			return true, nil
		})
	if err != nil || first.Checkpoint == "" || first.Position > c.Position {
		return "", err
	}
	return first.Checkpoint, nil
}
