package chain

import (
	"context"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

const pageSize = 500

// Sight implements worker.Chain: everything is read at one height.
func (c *Client) Sight(ctx context.Context, run uint64) (*worker.Sight, error) {
	height, now, err := c.Newest(ctx)
	if err != nil {
		return nil, err
	}
	s := &worker.Sight{Height: height, Now: now}
	at := c.cc.WithHeight(height)
	if s.State, err = state(ctx, at, run); err != nil {
		return nil, err
	}
	s.Members, err = Members(ctx, at)
	return s, err
}

// state reads a run with its live rounds, their parts and votes.
func state(ctx context.Context, at client.Context, run uint64) (*protocol.State, error) {
	q := roundtypes.NewQueryClient(at)
	r, err := q.Run(ctx, &roundtypes.QueryRunRequest{Run: run})
	if grpcstatus.Code(err) == codes.NotFound {
		return nil, fmt.Errorf("run %d: %w", run, worker.ErrNoRun)
	}
	if err != nil {
		return nil, fmt.Errorf("run %d: %w", run, err)
	}
	s := &protocol.State{}
	if s.Run, err = r.Run.Protocol(); err != nil {
		return nil, err
	}
	live := slices.Clone(s.Run.Unsettled)
	if s.Run.Current != 0 && !slices.Contains(live, s.Run.Current) {
		live = append(live, s.Run.Current)
	}
	slices.Sort(live)
	for _, n := range live {
		rs, err := round(ctx, q, run, n)
		if err != nil {
			return nil, fmt.Errorf("run %d round %d: %w", run, n, err)
		}
		s.Rounds = append(s.Rounds, *rs)
	}
	return s, nil
}

// Round reads one round, live or over, with its parts, votes and disputes.
func (c *Client) Round(ctx context.Context, run, number uint64) (*protocol.RoundState, error) {
	return round(ctx, roundtypes.NewQueryClient(c.cc), run, number)
}

func round(ctx context.Context, q roundtypes.QueryClient, run, number uint64) (*protocol.RoundState, error) {
	h, err := q.Round(ctx, &roundtypes.QueryRoundRequest{Run: run, Round: number})
	if err != nil {
		return nil, err
	}
	out := &protocol.RoundState{}
	if out.Round, err = h.Round.Protocol(); err != nil {
		return nil, err
	}
	out.Parts, err = list(func(p *query.PageRequest) ([]roundtypes.Part, *query.PageResponse, error) {
		r, err := q.Parts(ctx, &roundtypes.QueryPartsRequest{Run: run, Round: number, Pagination: p})
		return r.GetParts(), r.GetPagination(), err
	}, roundtypes.Part.Protocol)
	if err != nil {
		return nil, err
	}
	out.Disputes, err = list(func(p *query.PageRequest) ([]roundtypes.Dispute, *query.PageResponse, error) {
		r, err := q.Disputes(ctx, &roundtypes.QueryDisputesRequest{Run: run, Round: number, Pagination: p})
		return r.GetDisputes(), r.GetPagination(), err
	}, roundtypes.Dispute.Protocol)
	if err != nil {
		return nil, err
	}
	out.Votes, err = list(func(p *query.PageRequest) ([]roundtypes.Vote, *query.PageResponse, error) {
		r, err := q.Votes(ctx, &roundtypes.QueryVotesRequest{Run: run, Round: number, Pagination: p})
		return r.GetVotes(), r.GetPagination(), err
	}, roundtypes.Vote.Protocol)
	return out, err
}

// Runs lists the chain's runs, the first one first.
func (c *Client) Runs(ctx context.Context) ([]protocol.Run, error) {
	q := roundtypes.NewQueryClient(c.cc)
	return list(func(p *query.PageRequest) ([]roundtypes.Run, *query.PageResponse, error) {
		r, err := q.Runs(ctx, &roundtypes.QueryRunsRequest{Pagination: p})
		return r.GetRuns(), r.GetPagination(), err
	}, roundtypes.Run.Protocol)
}

// list reads every page of a query and makes something of each entry.
func list[T, P any](page func(*query.PageRequest) ([]T, *query.PageResponse, error), of func(T) (P, error)) (out []P, err error) {
	for at := (&query.PageRequest{Limit: pageSize}); ; {
		entries, next, err := page(at)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			p, err := of(e)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		if len(next.GetNextKey()) == 0 {
			return out, nil
		}
		at.Key = next.NextKey
	}
}

// Members lists the registered workers. A key or an address that does not parse is left out: it is its owner's loss.
func Members(ctx context.Context, cc client.Context) ([]worker.Member, error) {
	q := workertypes.NewQueryClient(cc)
	ms, err := list(func(p *query.PageRequest) ([]workertypes.WorkerView, *query.PageResponse, error) {
		r, err := q.Workers(ctx, &workertypes.QueryWorkersRequest{Pagination: p})
		return r.GetWorkers(), r.GetPagination(), err
	}, member)
	return slices.DeleteFunc(ms, func(m worker.Member) bool { return m.Peer == "" }), err
}

// member is a worker as the network knows it; one without a readable node key has no Peer.
func member(v workertypes.WorkerView) (worker.Member, error) {
	m := worker.Member{Account: protocol.Account(v.Worker.Address), Attester: v.Worker.Validator != ""}
	if id, err := peer.Decode(v.Worker.PeerId); err == nil {
		m.Peer = id
	}
	for _, a := range v.Worker.Addrs {
		if addr, err := multiaddr.NewMultiaddr(a); err == nil {
			m.Addrs = append(m.Addrs, addr)
		}
	}
	return m, nil
}
