package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/internal/paging"
	"github.com/weftnet/weft/x/model/types"
)

type queryServer struct{ Keeper }

// NewQueryServer returns the query service.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k} }

// Params implements types.QueryServer.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	p, err := s.params.Get(ctx)
	return &types.QueryParamsResponse{Params: p}, err
}

// Model implements types.QueryServer.
func (s queryServer) Model(ctx context.Context, req *types.QueryModelRequest) (*types.QueryModelResponse, error) {
	m, err := s.model(ctx, req.Name)
	return &types.QueryModelResponse{Model: m}, err
}

// Models implements types.QueryServer.
func (s queryServer) Models(ctx context.Context, req *types.QueryModelsRequest) (*types.QueryModelsResponse, error) {
	ms, page, err := paging.Collect(ctx, s.models, req.Pagination,
		func(_ string, m types.Model) (types.Model, error) { return m, nil })
	return &types.QueryModelsResponse{Models: ms, Pagination: page}, err
}

// Checkpoint implements types.QueryServer.
func (s queryServer) Checkpoint(ctx context.Context, req *types.QueryCheckpointRequest) (*types.QueryCheckpointResponse, error) {
	c, err := s.checkpoint(ctx, req.Digest)
	if err != nil {
		return nil, err
	}
	tainted, err := s.taintedBy(ctx, c)
	return &types.QueryCheckpointResponse{Checkpoint: c, TaintedBy: tainted}, err
}

// Taints implements types.QueryServer.
func (s queryServer) Taints(ctx context.Context, req *types.QueryTaintsRequest) (*types.QueryTaintsResponse, error) {
	if _, err := s.model(ctx, req.Model); err != nil {
		return nil, err
	}
	ts, page, err := paging.Collect(ctx, s.taints, req.Pagination,
		func(_ taintKey, t types.Taint) (types.Taint, error) { return t, nil },
		func(o *query.CollectionsPaginateOptions[taintKey]) {
			prefix := collections.TriplePrefix[string, uint64, string](req.Model)
			o.Prefix = &prefix
		})
	return &types.QueryTaintsResponse{Taints: ts, Pagination: page}, err
}

// Lineage implements types.QueryServer.
func (s queryServer) Lineage(ctx context.Context, req *types.QueryLineageRequest) (*types.QueryLineageResponse, error) {
	m, err := s.model(ctx, req.Model)
	if err != nil {
		return nil, err
	}
	at := m.Head
	if req.From != "" {
		at = req.From
	}
	limit := req.Limit
	if limit == 0 {
		limit = 50
	}
	r := &types.QueryLineageResponse{}
	for range min(limit, types.MaxLineage) {
		c, err := s.checkpoint(ctx, at)
		if err != nil {
			return nil, err
		}
		if c.Model != m.Name {
			return nil, types.ErrNoCheckpoint.Wrapf("%s belongs to %s", at, c.Model)
		}
		tainted, err := s.taintedBy(ctx, c)
		if err != nil {
			return nil, err
		}
		r.Checkpoints, r.TaintedBy = append(r.Checkpoints, c), append(r.TaintedBy, tainted)
		if at = c.Parent; at == "" {
			return r, nil
		}
	}
	r.Next = at
	return r, nil
}

// Treasury implements types.QueryServer.
func (s queryServer) Treasury(ctx context.Context, req *types.QueryTreasuryRequest) (*types.QueryTreasuryResponse, error) {
	if _, err := s.model(ctx, req.Model); err != nil {
		return nil, err
	}
	t, err := s.treasuries.Get(ctx, req.Model)
	if err != nil {
		return nil, err
	}
	fs, page, err := paging.Collect(ctx, s.funders, req.Pagination,
		func(key collections.Pair[string, sdk.AccAddress], f types.Funding) (types.FunderEntry, error) {
			return types.FunderEntry{Model: key.K1(), Funder: key.K2().String(), Funding: f}, nil
		}, query.WithCollectionPaginationPairPrefix[string, sdk.AccAddress](req.Model))
	return &types.QueryTreasuryResponse{Treasury: t, Available: t.Available(), Funders: fs, Pagination: page}, err
}

// Approval implements types.QueryServer.
func (s queryServer) Approval(ctx context.Context, req *types.QueryApprovalRequest) (*types.QueryApprovalResponse, error) {
	spec, err := digest.Parse(req.Spec)
	if err != nil {
		return nil, types.ErrInvalid.Wrap(err.Error())
	}
	if _, err := s.model(ctx, req.Model); err != nil {
		return nil, err
	}
	ok, err := s.Approved(ctx, req.Model, spec)
	return &types.QueryApprovalResponse{Approved: ok}, err
}
