package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/x/internal/paging"
	"github.com/weftnet/weft/x/share/types"
)

type queryServer struct{ Keeper }

// NewQueryServer returns the query service. It answers with pools released up to the block's time, and writes nothing.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k} }

// Params implements types.QueryServer.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	p, err := s.params.Get(ctx)
	return &types.QueryParamsResponse{Params: p}, err
}

// Pool implements types.QueryServer.
func (s queryServer) Pool(ctx context.Context, req *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	p, _, err := s.released(ctx, req.Model)
	return &types.QueryPoolResponse{Pool: p, Pending: p.Pending()}, err
}

// Pools implements types.QueryServer.
func (s queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	ps, page, err := paging.Collect(ctx, s.pools, req.Pagination,
		func(_ string, p types.Pool) (types.Pool, error) {
			p.Release(now(ctx))
			return p, nil
		})
	return &types.QueryPoolsResponse{Pools: ps, Pagination: page}, err
}

// Position implements types.QueryServer.
func (s queryServer) Position(ctx context.Context, req *types.QueryPositionRequest) (*types.QueryPositionResponse, error) {
	v, err := s.lookup(ctx, req.Holder, req.Model)
	return &types.QueryPositionResponse{View: v}, err
}

// Positions implements types.QueryServer.
func (s queryServer) Positions(ctx context.Context, req *types.QueryPositionsRequest) (*types.QueryPositionsResponse, error) {
	holder, err := account(req.Holder)
	if err != nil {
		return nil, err
	}
	vs, page, err := paging.Collect(ctx, s.positions, req.Pagination,
		func(key collections.Pair[sdk.AccAddress, string], pos types.Position) (types.PositionView, error) {
			return s.view(ctx, key.K2(), pos)
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, string](holder))
	return &types.QueryPositionsResponse{Positions: vs, Pagination: page}, err
}

// Claimable implements types.QueryServer.
func (s queryServer) Claimable(ctx context.Context, req *types.QueryClaimableRequest) (*types.QueryClaimableResponse, error) {
	v, err := s.lookup(ctx, req.Holder, req.Model)
	return &types.QueryClaimableResponse{Coins: v.Claimable}, err
}

func account(bech string) (sdk.AccAddress, error) {
	addr, err := sdk.AccAddressFromBech32(bech)
	if err != nil {
		return nil, types.ErrInvalid.Wrapf("holder %q: %s", bech, err)
	}
	return addr, nil
}

func (s queryServer) lookup(ctx context.Context, bech, model string) (types.PositionView, error) {
	zero := types.PositionView{Shares: math.ZeroInt(), Supply: math.ZeroInt()}
	holder, err := account(bech)
	if err != nil {
		return zero, err
	}
	pos, err := s.position(ctx, holder, model)
	if err != nil {
		return zero, err
	}
	return s.view(ctx, model, pos)
}

func (s queryServer) view(ctx context.Context, model string, pos types.Position) (types.PositionView, error) {
	v := types.PositionView{Model: model, Shares: pos.Shares, Supply: math.ZeroInt()}
	p, _, err := s.released(ctx, model)
	if err != nil {
		return v, err
	}
	v.Supply, v.Claimable, v.Pending = p.Supply, pos.Take(p), pos.Pending(p)
	return v, nil
}
