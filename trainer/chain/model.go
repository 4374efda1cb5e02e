package chain

import (
	"context"

	"github.com/cosmos/cosmos-sdk/client"

	modeltypes "github.com/weftnet/weft/x/model/types"
)

// Model reads a model.
func Model(ctx context.Context, cc client.Context, name string) (modeltypes.Model, error) {
	r, err := modeltypes.NewQueryClient(cc).Model(ctx, &modeltypes.QueryModelRequest{Name: name})
	if err != nil {
		return modeltypes.Model{}, err
	}
	return r.Model, nil
}

// Checkpoint is a checkpoint of a lineage.
type Checkpoint struct {
	modeltypes.Checkpoint
	// TaintedBy is the earliest checkpoint with forged work that it descends from, or itself; empty when it is clean.
	TaintedBy string
}

// Lineage reads a model's checkpoints, from the head to the first.
func Lineage(ctx context.Context, cc client.Context, model string) ([]Checkpoint, error) {
	var out []Checkpoint
	from := ""
	for {
		r, err := modeltypes.NewQueryClient(cc).Lineage(ctx, &modeltypes.QueryLineageRequest{Model: model, From: from, Limit: 100})
		if err != nil {
			return nil, err
		}
		for i, c := range r.Checkpoints {
			out = append(out, Checkpoint{c, r.TaintedBy[i]})
		}
		if r.Next == "" {
			return out, nil
		}
		from = r.Next
	}
}
