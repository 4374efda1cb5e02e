package chain

import (
	"context"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"

	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// Bond is what an account has at stake in a run.
type Bond struct {
	Run      uint64
	Amount   uint64     // uweft
	UnlockAt *time.Time // when it is paid back; nil while the account serves the run
}

// Bonds lists an account's bonds, by run.
func (c *Client) Bonds(ctx context.Context, account string) ([]Bond, error) {
	q := workertypes.NewQueryClient(c.cc)
	return list(func(p *query.PageRequest) ([]workertypes.BondEntry, *query.PageResponse, error) {
		r, err := q.Bonds(ctx, &workertypes.QueryBondsRequest{Address: account, Pagination: p})
		return r.GetBonds(), r.GetPagination(), err
	}, func(b workertypes.BondEntry) (Bond, error) {
		return Bond{b.Run, b.Bond.Amount.Amount.Uint64(), b.Bond.UnlockAt}, nil
	})
}

// Owed is what an account can claim for work, in uweft.
func (c *Client) Owed(ctx context.Context, account string) (uint64, error) {
	r, err := roundtypes.NewQueryClient(c.cc).Owed(ctx, &roundtypes.QueryOwedRequest{Account: account})
	if err != nil {
		return 0, err
	}
	return r.Amount.Amount.Uint64(), nil
}

// Positions lists an account's shares of every model, and what they earned.
func (c *Client) Positions(ctx context.Context, account string) ([]sharetypes.PositionView, error) {
	q := sharetypes.NewQueryClient(c.cc)
	return list(func(p *query.PageRequest) ([]sharetypes.PositionView, *query.PageResponse, error) {
		r, err := q.Positions(ctx, &sharetypes.QueryPositionsRequest{Holder: account, Pagination: p})
		return r.GetPositions(), r.GetPagination(), err
	}, func(v sharetypes.PositionView) (sharetypes.PositionView, error) { return v, nil })
}
