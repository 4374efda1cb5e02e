package chain

import (
	"context"
	"fmt"
	"time"

	roundtypes "github.com/weftnet/weft/x/round/types"
)

// EvidenceWindow is how long after its end a round can be disputed: as long snapshots are kept.
func (c *Client) EvidenceWindow(ctx context.Context) (time.Duration, error) {
	r, err := roundtypes.NewQueryClient(c.cc).Params(ctx, &roundtypes.QueryParamsRequest{})
	if err != nil {
		return 0, fmt.Errorf("parameters of x/round: %w", err)
	}
	return r.Params.EvidenceWindow, nil
}
