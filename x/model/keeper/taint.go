package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// taintKey is (model, position in the lineage, account).
type taintKey = collections.Triple[string, uint64, string]

// maxFallback bounds how far best is looked for in the lineage when the one there was turns out to be tainted.
const maxFallback = 4096

// Taint records that a checkpoint contains forged work of an account, and so does everything that descends from it: a lineage is a line,
// so nothing is written to the descendants. A best checkpoint among them gives way to the best clean one.
func (k Keeper) Taint(ctx context.Context, digest protocol.Digest, run, round uint64, account protocol.Account) error {
	c, err := k.checkpoint(ctx, digest[:])
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
	return emit(ctx, &types.EventTaint{Model: c.Model, Digest: digest.String(), Account: string(account), Best: text(m.Best)})
}

// Untaint takes back what Taint recorded of an account; nothing happens when there is nothing to take back. best stays: a later evaluation
// decides.
func (k Keeper) Untaint(ctx context.Context, digest protocol.Digest, account protocol.Account) error {
	c, err := k.checkpoint(ctx, digest[:])
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
	return emit(ctx, &types.EventTaint{Model: c.Model, Digest: digest.String(), Account: string(account), Pardoned: true, Best: text(m.Best)})
}

func text(digest []byte) string {
	d, err := protocol.DigestOf(digest)
	if err != nil {
		return "" // there is none
	}
	return d.String()
}

// passOver makes best the best clean ancestor of a checkpoint that was tainted, if best descends from it.
func (k Keeper) passOver(ctx context.Context, m *types.Model, tainted types.Checkpoint) error {
	if len(m.Best) == 0 {
		return nil
	}
	best, err := k.checkpoint(ctx, m.Best)
	if err != nil || best.Position < tainted.Position {
		return err
	}
	// Of several taints the earliest counts: what lies between them is not clean.
	first, err := k.taintedBy(ctx, tainted)
	if err != nil {
		return err
	}
	if tainted, err = k.checkpoint(ctx, first); err != nil {
		return err
	}
	if m.Best, err = k.bestBefore(ctx, tainted); err != nil {
		return err
	}
	return k.models.Set(ctx, m.Name, *m)
}

// bestBefore is the ancestor with the lowest evaluation among those that were evaluated on the same set as the nearest evaluated one; of
// equal ones the earliest. None when no ancestor was evaluated.
func (k Keeper) bestBefore(ctx context.Context, c types.Checkpoint) (digest []byte, err error) {
	var best *types.Checkpoint
	for range maxFallback {
		if len(c.Parent) == 0 {
			break
		}
		if c, err = k.checkpoint(ctx, c.Parent); err != nil {
			return nil, err
		}
		e := c.Evaluation
		if e != nil && (best == nil || bytes.Equal(e.Set, best.Evaluation.Set) && e.MicroNats <= best.Evaluation.MicroNats) {
			found := c
			best = &found
		}
	}
	if best == nil {
		return nil, nil
	}
	return best.Digest, nil
}

// taintedBy is the earliest checkpoint with forged work that c descends from, or itself; none when it is clean.
func (k Keeper) taintedBy(ctx context.Context, c types.Checkpoint) ([]byte, error) {
	var first types.Taint
	err := k.taints.Walk(ctx, collections.NewPrefixedTripleRange[string, uint64, string](c.Model), func(_ taintKey, t types.Taint) (bool, error) {
		first = t
		return true, nil
	})
	if err != nil || first.Checkpoint == nil || first.Position > c.Position {
		return nil, err
	}
	return first.Checkpoint, nil
}
