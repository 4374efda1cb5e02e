package chain

import (
	"context"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"

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
	var out []Bond
	err := pages(func(p *query.PageRequest) (*query.PageResponse, error) {
		r, err := q.Bonds(ctx, &workertypes.QueryBondsRequest{Address: account, Pagination: p})
		if err != nil {
			return nil, err
		}
		for _, b := range r.Bonds {
			out = append(out, Bond{b.Run, b.Bond.Amount.Amount.Uint64(), b.Bond.UnlockAt})
		}
		return r.Pagination, nil
	})
	return out, err
}
