package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/x/internal/paging"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

type queryServer struct{ k Keeper }

// NewQueryServer returns the query service.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k} }

// Params implements types.QueryServer.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.params.Get(ctx)
	return &types.QueryParamsResponse{Params: params}, err
}

// Run implements types.QueryServer.
func (q queryServer) Run(ctx context.Context, req *types.QueryRunRequest) (*types.QueryRunResponse, error) {
	run, err := q.k.run(ctx, req.Run)
	if err != nil {
		return nil, err
	}
	spec, err := run.Spec.Protocol()
	if err != nil {
		return nil, err
	}
	res := &types.QueryRunResponse{Run: run, SpecDigest: spec.Digest().Text()}
	if run.Current == 0 {
		return res, nil
	}
	current, err := q.round(ctx, run.Id, run.Current)
	res.Current = &current
	return res, err
}

// Runs implements types.QueryServer.
func (q queryServer) Runs(ctx context.Context, req *types.QueryRunsRequest) (*types.QueryRunsResponse, error) {
	runs, page, err := paging.Collect(ctx, q.k.runs, req.Pagination, func(_ uint64, run types.Run) (types.Run, error) {
		return run, nil
	})
	return &types.QueryRunsResponse{Runs: runs, Pagination: page}, err
}

// SpecDigest implements types.QueryServer.
func (q queryServer) SpecDigest(_ context.Context, req *types.QuerySpecDigestRequest) (*types.QuerySpecDigestResponse, error) {
	spec, problems, err := inspect(req.Spec)
	if err != nil {
		return nil, err
	}
	return &types.QuerySpecDigestResponse{Digest: spec.Digest().Text(), Problems: problems}, nil
}

// Round implements types.QueryServer.
func (q queryServer) Round(ctx context.Context, req *types.QueryRoundRequest) (*types.QueryRoundResponse, error) {
	round, err := q.round(ctx, req.Run, req.Round)
	return &types.QueryRoundResponse{Round: round}, err
}

func (q queryServer) round(ctx context.Context, run, number uint64) (types.Round, error) {
	round, err := q.k.rounds.Get(ctx, collections.Join(run, number))
	if errors.Is(err, collections.ErrNotFound) {
		return round, types.ErrNoRound.Wrapf("round %d of run %d", number, run)
	}
	return round, err
}

// Rounds implements types.QueryServer.
func (q queryServer) Rounds(ctx context.Context, req *types.QueryRoundsRequest) (*types.QueryRoundsResponse, error) {
	if _, err := q.k.run(ctx, req.Run); err != nil {
		return nil, err
	}
	rounds, page, err := paging.Collect(ctx, q.k.rounds, req.Pagination, func(_ roundKey, round types.Round) (types.Round, error) {
		return round, nil
	}, query.WithCollectionPaginationPairPrefix[uint64, uint64](req.Run))
	return &types.QueryRoundsResponse{Rounds: rounds, Pagination: page}, err
}

// Part implements types.QueryServer.
func (q queryServer) Part(ctx context.Context, req *types.QueryPartRequest) (*types.QueryPartResponse, error) {
	account, err := canonical(req.Trainer)
	if err != nil {
		return nil, err
	}
	part, err := q.k.parts.Get(ctx, collections.Join3(req.Run, req.Round, string(account)))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNoPart.Wrapf("%s in round %d of run %d", account, req.Round, req.Run)
	}
	if err != nil {
		return nil, err
	}
	res := &types.QueryPartResponse{Part: part, Fix: protocol.Reason(part.Reason).Fix()}
	for _, slot := range part.Slots {
		d, err := q.k.disputes.Get(ctx, collections.Join3(req.Run, req.Round, slot.Index))
		if errors.Is(err, collections.ErrNotFound) || err == nil && !d.Ruled {
			continue
		}
		if err != nil {
			return nil, err
		}
		ruling, err := d.Ruling.Protocol()
		if err != nil {
			return nil, err
		}
		res.Evidence = append(res.Evidence, ruling.Digest().Text())
	}
	return res, nil
}

// Parts implements types.QueryServer.
func (q queryServer) Parts(ctx context.Context, req *types.QueryPartsRequest) (*types.QueryPartsResponse, error) {
	if _, err := q.round(ctx, req.Run, req.Round); err != nil {
		return nil, err
	}
	parts, page, err := paging.Collect(ctx, q.k.parts, req.Pagination, func(_ memberKey, part types.Part) (types.Part, error) {
		return part, nil
	}, ofRound(req.Run, req.Round))
	return &types.QueryPartsResponse{Parts: parts, Pagination: page}, err
}

// Votes implements types.QueryServer.
func (q queryServer) Votes(ctx context.Context, req *types.QueryVotesRequest) (*types.QueryVotesResponse, error) {
	if _, err := q.round(ctx, req.Run, req.Round); err != nil {
		return nil, err
	}
	votes, page, err := paging.Collect(ctx, q.k.votes, req.Pagination, func(_ memberKey, vote types.Vote) (types.Vote, error) {
		return vote, nil
	}, ofRound(req.Run, req.Round))
	return &types.QueryVotesResponse{Votes: votes, Pagination: page}, err
}

// Disputes implements types.QueryServer.
func (q queryServer) Disputes(ctx context.Context, req *types.QueryDisputesRequest) (*types.QueryDisputesResponse, error) {
	if _, err := q.round(ctx, req.Run, req.Round); err != nil {
		return nil, err
	}
	disputes, page, err := paging.Collect(ctx, q.k.disputes, req.Pagination, func(_ slotKey, dispute types.Dispute) (types.Dispute, error) {
		return dispute, nil
	}, func(o *query.CollectionsPaginateOptions[slotKey]) {
		prefix := collections.TripleSuperPrefix[uint64, uint64, uint32](req.Run, req.Round)
		o.Prefix = &prefix
	})
	return &types.QueryDisputesResponse{Disputes: disputes, Pagination: page}, err
}

// ofRound restricts a page to the members of one round.
func ofRound(run, round uint64) func(*query.CollectionsPaginateOptions[memberKey]) {
	return func(o *query.CollectionsPaginateOptions[memberKey]) {
		prefix := collections.TripleSuperPrefix[uint64, uint64, string](run, round)
		o.Prefix = &prefix
	}
}

// Owed implements types.QueryServer.
func (q queryServer) Owed(ctx context.Context, req *types.QueryOwedRequest) (*types.QueryOwedResponse, error) {
	account, err := canonical(req.Account)
	if err != nil {
		return nil, err
	}
	params, err := q.k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	amount, err := q.k.owed.Get(ctx, string(account))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	return &types.QueryOwedResponse{Amount: coin(params, amount)}, nil
}
