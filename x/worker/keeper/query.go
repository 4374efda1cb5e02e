package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/x/internal/paging"
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
	vs, page, err := paging.Collect(ctx, s.workers, req.Pagination,
		func(_ sdk.AccAddress, w types.Worker) (types.WorkerView, error) { return s.view(ctx, w) })
	return &types.QueryWorkersResponse{Workers: vs, Pagination: page}, err
}

// WorkerByPeer implements types.QueryServer.
func (s queryServer) WorkerByPeer(ctx context.Context, req *types.QueryWorkerByPeerRequest) (*types.QueryWorkerByPeerResponse, error) {
	if id, err := peer.Decode(req.PeerId); err != nil || id.String() != req.PeerId {
		return nil, types.ErrInvalid.Wrapf("peer id %q", req.PeerId)
	}
	addr, err := s.peers.Get(ctx, req.PeerId)
	v, err := s.indexed(ctx, addr, err, req.PeerId)
	return &types.QueryWorkerByPeerResponse{View: v}, err
}

// WorkerByValidator implements types.QueryServer.
func (s queryServer) WorkerByValidator(ctx context.Context,
	req *types.QueryWorkerByValidatorRequest) (*types.QueryWorkerByValidatorResponse, error) {
	op, err := sdk.ValAddressFromBech32(req.Validator)
	if err != nil {
		return nil, types.ErrInvalid.Wrapf("validator %q: %s", req.Validator, err)
	}
	addr, err := s.validators.Get(ctx, op)
	v, err := s.indexed(ctx, addr, err, req.Validator)
	return &types.QueryWorkerByValidatorResponse{View: v}, err
}

// Bonds implements types.QueryServer.
func (s queryServer) Bonds(ctx context.Context, req *types.QueryBondsRequest) (*types.QueryBondsResponse, error) {
	addr, err := account(req.Address)
	if err != nil {
		return nil, err
	}
	bs, page, err := paging.Collect(ctx, s.bonds, req.Pagination,
		func(key bondKey, b types.Bond) (types.BondEntry, error) {
			return types.BondEntry{Worker: addr.String(), Run: key.K2(), Bond: b}, nil
		}, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](addr))
	return &types.QueryBondsResponse{Bonds: bs, Pagination: page}, err
}

// Penalties implements types.QueryServer.
func (s queryServer) Penalties(ctx context.Context, req *types.QueryPenaltiesRequest) (*types.QueryPenaltiesResponse, error) {
	worker := ""
	if req.Worker != "" {
		addr, err := account(req.Worker)
		if err != nil {
			return nil, err
		}
		worker = addr.String()
	}
	ps, page, err := paging.Filter(ctx, s.penalties, req.Pagination,
		func(_ penaltyKey, p types.Penalty) (bool, error) { return worker == "" || p.Worker == worker, nil },
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
