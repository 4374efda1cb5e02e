package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/x/worker/types"
)

type queryServer struct{ Keeper }

// NewQueryServer returns the query service.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k} }

// Worker implements types.QueryServer.
func (s queryServer) Worker(ctx context.Context, req *types.QueryWorkerRequest) (*types.QueryWorkerResponse, error) {
	_, w, err := s.find(ctx, req.Address)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, w)
	return &types.QueryWorkerResponse{View: v}, err
}

// Workers implements types.QueryServer.
func (s queryServer) Workers(ctx context.Context, req *types.QueryWorkersRequest) (*types.QueryWorkersResponse, error) {
	vs, page, err := query.CollectionPaginate(ctx, s.workers, req.Pagination,
		func(_ sdk.AccAddress, w types.Worker) (types.WorkerView, error) { return s.view(ctx, w) })
	return &types.QueryWorkersResponse{Workers: vs, Pagination: page}, err
}

// WorkerByPeer implements types.QueryServer.
func (s queryServer) WorkerByPeer(ctx context.Context, req *types.QueryWorkerByPeerRequest) (*types.QueryWorkerByPeerResponse, error) {
	addr, err := s.peers.Get(ctx, req.PeerId)
	v, err := s.indexed(ctx, addr, err, req.PeerId)
	return &types.QueryWorkerByPeerResponse{View: v}, err
}

// WorkerByValidator implements types.QueryServer.
func (s queryServer) WorkerByValidator(ctx context.Context, req *types.QueryWorkerByValidatorRequest) (*types.QueryWorkerByValidatorResponse, error) {
	op, err := sdk.ValAddressFromBech32(req.Validator)
	if err != nil {
		return nil, err
	}
	addr, err := s.validators.Get(ctx, op)
	v, err := s.indexed(ctx, addr, err, req.Validator)
	return &types.QueryWorkerByValidatorResponse{View: v}, err
}

// Bonds implements types.QueryServer.
func (s queryServer) Bonds(ctx context.Context, req *types.QueryBondsRequest) (*types.QueryBondsResponse, error) {
	addr, err := sdk.AccAddressFromBech32(req.Address)
	if err != nil {
		return nil, err
	}
	bs, page, err := query.CollectionPaginate(ctx, s.bonds, req.Pagination,
		func(key bondKey, b types.Bond) (types.BondEntry, error) {
			return types.BondEntry{Worker: req.Address, Run: key.K2(), Bond: b}, nil
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](addr))
	return &types.QueryBondsResponse{Bonds: bs, Pagination: page}, err
}

// Penalties implements types.QueryServer.
func (s queryServer) Penalties(ctx context.Context, req *types.QueryPenaltiesRequest) (*types.QueryPenaltiesResponse, error) {
	ps, page, err := query.CollectionFilteredPaginate(ctx, s.penalties, req.Pagination,
		func(_ penaltyKey, p types.Penalty) (bool, error) {
			return req.Worker == "" || p.Worker == req.Worker, nil
		},
		func(_ penaltyKey, p types.Penalty) (types.Penalty, error) { return p, nil })
	return &types.QueryPenaltiesResponse{Penalties: ps, Pagination: page}, err
}

// Burned implements types.QueryServer.
func (s queryServer) Burned(ctx context.Context, _ *types.QueryBurnedRequest) (*types.QueryBurnedResponse, error) {
	burned, err := s.allBurned(ctx)
	return &types.QueryBurnedResponse{Burned: burned}, err
}

// indexed follows what an index returned for key.
func (s queryServer) indexed(ctx context.Context, addr sdk.AccAddress, err error, key string) (types.WorkerView, error) {
	if errors.Is(err, collections.ErrNotFound) {
		return types.WorkerView{}, types.ErrNoWorker.Wrap(key)
	}
	if err != nil {
		return types.WorkerView{}, err
	}
	w, err := s.worker(ctx, addr)
	if err != nil {
		return types.WorkerView{}, err
	}
	return s.view(ctx, w)
}

func (s queryServer) view(ctx context.Context, w types.Worker) (types.WorkerView, error) {
	if w.Validator == "" {
		return types.WorkerView{Worker: w}, nil
	}
	weight, err := s.weight(ctx, w.Validator)
	return types.WorkerView{Worker: w, Weight: weight}, err
}
