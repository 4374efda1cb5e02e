package main

import (
	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/trainer/chain"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

func claimCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "claim",
		Short: "Claim everything this account is owed: pay for work, and the revenue of its shares",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, _, _, err := session(c)
			if err != nil {
				return err
			}
			return claim(c, out(c), cl)
		},
	})
}

// claim sends one transaction with everything that is owed.
func claim(c *cobra.Command, p *printer, cl *chain.Client) error {
	ctx, cc := c.Context(), cl.Context()
	owed, err := roundtypes.NewQueryClient(cc).Owed(ctx, &roundtypes.QueryOwedRequest{Account: cl.Address()})
	if err != nil {
		return failed("read what is owed to", cl.Address(), err)
	}
	var msgs []sdk.Msg
	if owed.Amount.IsPositive() {
		msgs = append(msgs, &roundtypes.MsgClaimPay{Account: cl.Address()})
	}
	pos, err := sharetypes.NewQueryClient(cc).Positions(ctx, &sharetypes.QueryPositionsRequest{Holder: cl.Address()})
	if err != nil {
		return failed("read the shares of", cl.Address(), err)
	}
	revenue := map[string]string{}
	for _, v := range pos.Positions {
		if due := sdk.NewCoins(v.Claimable...); !due.IsZero() {
			msgs = append(msgs, &sharetypes.MsgClaim{Holder: cl.Address(), Model: v.Model})
			revenue[v.Model] = due.String()
		}
	}
	if len(msgs) == 0 {
		p.event("nothing", fields{"account": cl.Address()}, "nothing to claim now; pay is credited when a round is SETTLED, revenue when somebody deposits it")
		return nil
	}
	r, err := cl.Send(ctx, msgs...)
	if err != nil {
		return failed("claim", "", err)
	}
	p.event("claimed", fields{"account": cl.Address(), "pay": owed.Amount.String(), "revenue": revenue, "height": r.Height}, "claimed in block %d: %s for work", r.Height, owed.Amount)
	for m, amount := range revenue {
		p.event("revenue", fields{"model": m, "amount": amount}, "  %s from shares of %s", amount, m)
	}
	return nil
}
