package types

import (
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxStreams bounds the revenue denoms of a pool, and so the cost of a claim.
const MaxStreams = 8

// DefaultParams accept the chain's own coin, from 1,000 units, and let it stream for a day, so that nobody can buy a share for one block.
func DefaultParams() Params {
	return Params{MinDeposits: sdk.NewCoins(sdk.NewCoin(sdk.DefaultBondDenom, math.NewInt(1000))), StreamTime: 24 * time.Hour}
}

// Validate checks that the list is sorted, short, and positive, and names no share denom, and that stream_time is 0 to 30 days.
func (p Params) Validate() error {
	if len(p.MinDeposits) > MaxStreams {
		return ErrInvalid.Wrapf("%d revenue denoms, at most %d", len(p.MinDeposits), MaxStreams)
	}
	for _, c := range p.MinDeposits {
		// An amount that is missing in the message would make Coins.Validate panic.
		if c.Amount.IsNil() {
			return ErrInvalid.Wrapf("min_deposits: %s has no amount", c.Denom)
		}
		if IsShare(c.Denom) {
			return ErrInvalid.Wrapf("min_deposits: %s is a share denom", c.Denom)
		}
	}
	if err := sdk.Coins(p.MinDeposits).Validate(); err != nil {
		return ErrInvalid.Wrapf("min_deposits: %s", err)
	}
	if p.StreamTime < 0 || p.StreamTime > MaxStreamTime {
		return ErrInvalid.Wrapf("stream_time %s, want 0 to %s", p.StreamTime, MaxStreamTime)
	}
	return nil
}

// Check returns an error when c may not be deposited.
func (p Params) Check(c sdk.Coin) error {
	if err := c.Validate(); err != nil {
		return ErrInvalid.Wrap(err.Error())
	}
	ok, least := sdk.Coins(p.MinDeposits).Find(c.Denom)
	if !ok {
		return ErrDenom.Wrap(c.Denom)
	}
	if c.IsLT(least) {
		return ErrTooSmall.Wrapf("%s, at least %s", c, least)
	}
	return nil
}
