package demo

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// deposit is the revenue of the demo, in uweft: no round number, so that rounding shows.
const deposit = 123_456_789

// holders are the accounts that may hold shares after the run.
func (p *playing) holders() []network.Account {
	hs := []network.Account{localnet.Owner}
	for _, w := range p.workers() {
		hs = append(hs, w.Account)
	}
	return hs
}

// pay lets everybody claim what the rounds credited.
func (p *playing) pay(ctx context.Context) error {
	cc := p.net.Trainers[0].Client.Context()
	p.Emit(&Heading{"Payments and shares of the run"})
	for _, a := range p.holders() {
		owed, err := roundtypes.NewQueryClient(cc).Owed(ctx, &roundtypes.QueryOwedRequest{Account: a.String()})
		if err != nil {
			return operror.Wrap("read what is owed to", a.Name, err)
		}
		if owed.Amount.IsPositive() {
			if _, err := p.net.Send(ctx, a, &roundtypes.MsgClaimPay{Account: a.String()}); err != nil {
				return operror.Wrap("claim the pay of", a.Name, err)
			}
		}
		at, err := p.position(ctx, a)
		if err != nil {
			return err
		}
		p.Emit(&Paid{a.String(), a.Name, status.Amount(owed.Amount.Amount.Uint64()), at.Shares.String(), at.Supply.String()})
	}
	return nil
}

func (p *playing) position(ctx context.Context, a network.Account) (sharetypes.PositionView, error) {
	cc := p.net.Trainers[0].Client.Context()
	r, err := sharetypes.NewQueryClient(cc).Position(ctx, &sharetypes.QueryPositionRequest{Holder: a.String(), Model: p.Name})
	if err != nil {
		return sharetypes.PositionView{}, operror.Wrap("read the position of", a.Name, err)
	}
	return r.View, nil
}

// revenue pays the model's revenue in and lets every holder claim; the claims must add up to the deposit.
func (p *playing) revenue(ctx context.Context) error {
	msg := &sharetypes.MsgDeposit{Depositor: localnet.Holder.String(), Model: p.Name, Amount: localnet.Coins(deposit)}
	if _, err := p.net.Send(ctx, localnet.Holder, msg); err != nil {
		return operror.Wrap("pay the revenue in", "", err)
	}
	p.Emit(&Deposit{deposit, stream.Seconds()})
	if err := p.streamed(ctx); err != nil {
		return err
	}
	total := math.ZeroInt()
	for _, a := range p.holders() {
		got, err := p.claim(ctx, a)
		if err != nil {
			return err
		}
		total = total.Add(got)
	}
	left := math.NewInt(deposit).Sub(total)
	if left.IsNegative() || left.GT(math.NewInt(int64(len(p.holders())))) {
		return operror.Wrap("add the claims up", "", fmt.Errorf("%s uweft were claimed of a deposit of %d", total, deposit))
	}
	p.Emit(&Claims{status.Amount(total.Uint64()), status.Amount(left.Uint64())})
	heights, err := p.net.CheckBooks()
	if err != nil {
		return operror.Wrap("balance the books", "of the chain", err)
	}
	p.Emit(&Books{heights})
	return nil
}

// claim sends what has reached a holder, and returns how much that was.
func (p *playing) claim(ctx context.Context, a network.Account) (math.Int, error) {
	at, err := p.position(ctx, a)
	if err != nil {
		return math.Int{}, err
	}
	due := sdk.NewCoins(at.Claimable...).AmountOf(app.BondDenom)
	if !due.IsPositive() {
		return due, nil
	}
	if _, err := p.net.Send(ctx, a, &sharetypes.MsgClaim{Holder: a.String(), Model: p.Name}); err != nil {
		return due, operror.Wrap("claim the revenue of", a.Name, err)
	}
	p.Emit(&Claim{a.String(), a.Name, status.Amount(due.Uint64())})
	return due, nil
}

// streamed waits until all revenue has reached the holders.
func (p *playing) streamed(ctx context.Context) error {
	q := sharetypes.NewQueryClient(p.net.Trainers[0].Client.Context())
	for {
		r, err := q.Pool(ctx, &sharetypes.QueryPoolRequest{Model: p.Name})
		if err != nil {
			return operror.Wrap("read the pool of", p.Name, err)
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
		case <-time.After(blockTime):
		}
	}
}
