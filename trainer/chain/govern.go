package chain

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/weftnet/weft/ckpt/digest"
	modeltypes "github.com/weftnet/weft/x/model/types"
)

// ProposalID is the number that a submitted proposal was given.
func ProposalID(r *coretypes.ResultTx) (uint64, error) {
	for _, ev := range r.TxResult.Events {
		for _, at := range ev.Attributes {
			if ev.Type == "submit_proposal" && at.Key == "proposal_id" {
				return strconv.ParseUint(at.Value, 10, 64)
			}
		}
	}
	return 0, errors.New("the transaction submitted no proposal")
}

// Treasury is what a model's treasury has, in uweft, and whether its owner approved a spec.
func (c *Client) Treasury(ctx context.Context, model string, spec digest.Digest) (free uint64, approved bool, err error) {
	q := modeltypes.NewQueryClient(c.cc)
	t, err := q.Treasury(ctx, &modeltypes.QueryTreasuryRequest{Model: model})
	if err != nil {
		return 0, false, fmt.Errorf("treasury: %w", err)
	}
	a, err := q.Approval(ctx, &modeltypes.QueryApprovalRequest{Model: model, Spec: spec.String()})
	if err != nil && grpcstatus.Code(err) != codes.NotFound {
		return 0, false, fmt.Errorf("approval: %w", err)
	}
	return t.Available.Uint64(), err == nil && a.Approved, nil
}
