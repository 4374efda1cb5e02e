package main

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/chain"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// lineage shows the checkpoints that the chain has, the newest first.
func (d *demonstration) lineage(ctx context.Context) error {
	cc := d.net.Trainers[0].Client.Context()
	cs, err := chain.Lineage(ctx, cc, d.f.name)
	if err != nil {
		return failed("read the lineage", d.f.name, err)
	}
	d.p.event("heading", fields{"title": "lineage"}, "\nLineage on chain, newest first")
	for _, c := range cs {
		printCheckpoint(d.p, c)
	}
	return nil
}

func printCheckpoint(p *printer, c chain.Checkpoint) {
	eval, text := any(nil), "not evaluated"
	if c.Evaluation != nil {
		eval, text = float64(c.Evaluation.MicroNats)/1e6, fmt.Sprintf("%.4f", float64(c.Evaluation.MicroNats)/1e6)
	}
	if c.TaintedBy != "" {
		text += ", TAINTED by " + digestText(c.TaintedBy)
	}
	p.event("checkpoint", fields{"tainted_by": digestText(c.TaintedBy), "digest": digestText(c.Digest), "parent": digestText(c.Parent), "run": c.Run, "round": c.Round, "height": c.Height, "loss": eval, "size": c.Size},
		"  round %-3d %s  loss %s", c.Round, digestText(c.Digest), text)
}

// holders are the accounts that may hold shares after the run.
func (d *demonstration) holders() []network.Account {
	hs := []network.Account{localnet.Owner}
	for _, w := range append(d.net.Attesters, d.net.Trainers...) {
		hs = append(hs, w.Account)
	}
	return hs
}

// pay lets everybody claim what the rounds credited.
func (d *demonstration) pay(ctx context.Context) error {
	cc := d.net.Trainers[0].Client.Context()
	d.p.event("heading", fields{"title": "payments"}, "\nPayments and shares of the run")
	for _, a := range d.holders() {
		owed, err := roundtypes.NewQueryClient(cc).Owed(ctx, &roundtypes.QueryOwedRequest{Account: a.String()})
		if err != nil {
			return failed("read what is owed to", a.Name, err)
		}
		if owed.Amount.IsPositive() {
			if _, err := d.net.Send(ctx, a, &roundtypes.MsgClaimPay{Account: a.String()}); err != nil {
				return failed("claim the pay of", a.Name, err)
			}
		}
		pos, err := d.position(ctx, a)
		if err != nil {
			return err
		}
		d.p.event("paid", fields{"account": a.String(), "name": a.Name, "amount": owed.Amount.Amount.String(), "shares": pos.Shares.String()},
			"  %-11s %s paid, %s of %s shares", a.Name, weft(owed.Amount.Amount.Uint64()), pos.Shares, pos.Supply)
	}
	return nil
}

func (d *demonstration) position(ctx context.Context, a network.Account) (sharetypes.PositionView, error) {
	r, err := sharetypes.NewQueryClient(d.net.Trainers[0].Client.Context()).Position(ctx, &sharetypes.QueryPositionRequest{Holder: a.String(), Model: d.f.name})
	if err != nil {
		return sharetypes.PositionView{}, failed("read the position of", a.Name, err)
	}
	return r.View, nil
}

// demoStream is how long the demo's revenue streams.
const demoStream = 2 * time.Second

// streamed waits until all revenue has reached the holders.
func (d *demonstration) streamed(ctx context.Context) error {
	q := sharetypes.NewQueryClient(d.net.Trainers[0].Client.Context())
	for {
		r, err := q.Pool(ctx, &sharetypes.QueryPoolRequest{Model: d.f.name})
		if err != nil {
			return failed("read the pool of", d.f.name, err)
		}
		pending := false
		for _, s := range r.Pool.Streams {
			pending = pending || s.Pending.IsPositive()
		}
		if !pending {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// revenue pays the model's revenue in and lets every holder claim; the claims must add up to the deposit.
func (d *demonstration) revenue(ctx context.Context) error {
	const deposit = 123_456_789
	if _, err := d.net.Send(ctx, localnet.Holder, &sharetypes.MsgDeposit{Depositor: localnet.Holder.String(), Model: d.f.name, Amount: localnet.Coins(deposit)}); err != nil {
		return failed("pay the revenue in", "", err)
	}
	d.p.event("deposit", fields{"amount": deposit, "stream_seconds": demoStream.Seconds()}, "\nRevenue of %s is paid in and streams to the holders over %s (a day on a real chain); then they claim their part", weft(deposit), demoStream)
	if err := d.streamed(ctx); err != nil {
		return err
	}
	total := math.ZeroInt()
	for _, a := range d.holders() {
		before, err := d.position(ctx, a)
		if err != nil {
			return err
		}
		due := sdk.NewCoins(before.Claimable...).AmountOf(app.BondDenom)
		if !due.IsPositive() {
			continue
		}
		if _, err := d.net.Send(ctx, a, &sharetypes.MsgClaim{Holder: a.String(), Model: d.f.name}); err != nil {
			return failed("claim the revenue of", a.Name, err)
		}
		total = total.Add(due)
		d.p.event("claim", fields{"account": a.String(), "name": a.Name, "amount": due.String()}, "  %-11s %s", a.Name, weft(due.Uint64()))
	}
	left := math.NewInt(deposit).Sub(total)
	d.p.event("claims", fields{"total": total.String(), "left": left.String()}, "  together    %s, %s uweft stay in the pool as rounding", weft(total.Uint64()), left)
	if left.IsNegative() || left.GT(math.NewInt(int64(len(d.holders())))) {
		return failed("add the claims up", "", fmt.Errorf("%s was claimed of a deposit of %d", total, deposit))
	}
	heights, err := d.net.CheckBooks()
	if err != nil {
		return failed("balance the books", "of the chain", err)
	}
	d.p.event("books", fields{"heights": heights}, "  books       balanced after each of %d blocks: every module account holds exactly what is owed out of it", heights)
	return nil
}
