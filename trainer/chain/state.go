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
	err = pages(func(p *query.PageRequest) (*query.PageResponse, error) {
		r, err := q.Parts(ctx, &roundtypes.QueryPartsRequest{Run: run, Round: number, Pagination: p})
		if err != nil {
			return nil, err
		}
		for _, x := range r.Parts {
			v, err := x.Protocol()
			if err != nil {
				return nil, err
			}
			out.Parts = append(out.Parts, v)
		}
		return r.Pagination, nil
	})
	if err != nil {
		return nil, err
	}
	err = pages(func(p *query.PageRequest) (*query.PageResponse, error) {
		r, err := q.Disputes(ctx, &roundtypes.QueryDisputesRequest{Run: run, Round: number, Pagination: p})
		if err != nil {
			return nil, err
		}
		for _, x := range r.Disputes {
			v, err := x.Protocol()
			if err != nil {
				return nil, err
			}
			out.Disputes = append(out.Disputes, v)
		}
		return r.Pagination, nil
	})
	if err != nil {
		return nil, err
	}
	return out, pages(func(p *query.PageRequest) (*query.PageResponse, error) {
		r, err := q.Votes(ctx, &roundtypes.QueryVotesRequest{Run: run, Round: number, Pagination: p})
		if err != nil {
			return nil, err
		}
		for _, x := range r.Votes {
			v, err := x.Protocol()
			if err != nil {
				return nil, err
			}
			out.Votes = append(out.Votes, v)
		}
		return r.Pagination, nil
	})
}

// pages calls get until there is no next page.
func pages(get func(*query.PageRequest) (*query.PageResponse, error)) error {
	var key []byte
	for {
		p, err := get(&query.PageRequest{Key: key, Limit: pageSize})
		if err != nil {
			return err
		}
		if p == nil || len(p.NextKey) == 0 {
			return nil
		}
		key = p.NextKey
	}
}

// Members lists the registered workers. An address that does not parse is left out: it is its owner's loss.
func Members(ctx context.Context, cc client.Context) ([]worker.Member, error) {
	q := workertypes.NewQueryClient(cc)
	var ms []worker.Member
	err := pages(func(p *query.PageRequest) (*query.PageResponse, error) {
		r, err := q.Workers(ctx, &workertypes.QueryWorkersRequest{Pagination: p})
		if err != nil {
			return nil, fmt.Errorf("workers: %w", err)
		}
		for _, v := range r.Workers {
			id, err := peer.Decode(v.Worker.PeerId)
			if err != nil {
				continue
			}
			m := worker.Member{Account: protocol.Account(v.Worker.Address), Peer: id, Attester: v.Worker.Validator != ""}
			for _, a := range v.Worker.Addrs {
				if addr, err := multiaddr.NewMultiaddr(a); err == nil {
					m.Addrs = append(m.Addrs, addr)
				}
			}
			ms = append(ms, m)
		}
		return r.Pagination, nil
	})
	return ms, err
}
