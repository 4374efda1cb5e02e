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

// Lineage reads a model's checkpoints, from the head to the first.
func Lineage(ctx context.Context, cc client.Context, model string) ([]modeltypes.Checkpoint, error) {
	var out []modeltypes.Checkpoint
	from := ""
	for {
		r, err := modeltypes.NewQueryClient(cc).Lineage(ctx, &modeltypes.QueryLineageRequest{Model: model, From: from, Limit: 100})
		if err != nil {
			return nil, err
		}
		out = append(out, r.Checkpoints...)
		if r.Next == "" {
			return out, nil
		}
		from = r.Next
	}
}
