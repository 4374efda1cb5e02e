package chain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

const pageSize = 500

// State implements trainer.Chain: everything is read at one height.
func (c *Client) State(ctx context.Context, run uint64) (*protocol.State, time.Time, error) {
	height, err := c.latest(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	c.seen.Lock()
	c.height = height
	c.seen.Unlock()
	now, err := c.blockTime(ctx, height)
	if err != nil {
		return nil, time.Time{}, err
	}
	at := c.cc.WithHeight(height)
	q := roundtypes.NewQueryClient(at)
	r, err := q.Run(ctx, &roundtypes.QueryRunRequest{Run: run})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("run %d: %w", run, err)
	}
	s := &protocol.State{}
	if s.Run, err = r.Run.Protocol(); err != nil {
		return nil, time.Time{}, err
	}
	live := slices.Clone(s.Run.Unsettled)
	if s.Run.Current != 0 && !slices.Contains(live, s.Run.Current) {
		live = append(live, s.Run.Current)
	}
	slices.Sort(live)
	for _, n := range live {
		rs, err := round(ctx, q, run, n)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("run %d round %d: %w", run, n, err)
		}
		s.Rounds = append(s.Rounds, *rs)
	}
	return s, now, nil
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

// Workers implements trainer.Chain.
func (c *Client) Workers(ctx context.Context) ([]trainer.Worker, error) { return Workers(ctx, c.cc) }

// Workers lists the registered workers. An address that does not parse is left out: it is its owner's loss.
func Workers(ctx context.Context, cc client.Context) ([]trainer.Worker, error) {
	q := workertypes.NewQueryClient(cc)
	var ws []trainer.Worker
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
			w := trainer.Worker{Account: protocol.Account(v.Worker.Address), Peer: id, Attester: v.Worker.Validator != ""}
			for _, a := range v.Worker.Addrs {
				if m, err := multiaddr.NewMultiaddr(a); err == nil {
					w.Addrs = append(w.Addrs, m)
				}
			}
			ws = append(ws, w)
		}
		return r.Pagination, nil
	})
	return ws, err
}
