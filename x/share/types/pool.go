package types

import (
	"slices"
	"strings"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

var (
	// Scale is 2^64: indexes, remainders and what is owed are kept in this fraction of a unit.
	Scale = math.NewIntFromUint64(1 << 63).MulRaw(2)
	// MaxSupply bounds max_supply (10^15 < 2^50), so that one deposit's rounding costs a holder less than 2^-14 of a unit.
	MaxSupply = math.NewInt(1_000_000_000_000_000)
	// maxDeposited bounds what one stream takes in its life (2^128). What a holder is owed is then below 2^192, and every product
	// of shares and an index difference is too, because a position's shares do not change between two settlements.
	maxDeposited = Scale.Mul(Scale)
)

// NewPool returns an empty pool, or an error when the name or the maximum is out of range.
func NewPool(model string, maxSupply math.Int) (Pool, error) {
	if _, err := Denom(model); err != nil {
		return Pool{}, err
	}
	if maxSupply.IsNil() || !maxSupply.IsPositive() || maxSupply.GT(MaxSupply) {
		return Pool{}, ErrInvalid.Wrapf("maximum supply of shares %s, want 1 to %s", maxSupply, MaxSupply)
	}
	return Pool{Model: model, MaxSupply: maxSupply, Supply: math.ZeroInt()}, nil
}

// Room returns how many of n shares may still be minted.
func (p Pool) Room(n math.Int) math.Int { return math.MinInt(n, p.MaxSupply.Sub(p.Supply)) }

// Deposit spreads c over all shares. p is changed only when the error is nil.
func (p *Pool) Deposit(c sdk.Coin) error {
	if !p.Supply.IsPositive() {
		return ErrNoHolders.Wrap(p.Model)
	}
	i, found := p.find(c.Denom)
	s := NewStream(c.Denom)
	if found {
		s = p.Streams[i]
	} else if len(p.Streams) == MaxStreams {
		return ErrDenom.Wrapf("%s: the pool has %d denoms already", c.Denom, MaxStreams)
	}
	if s.Deposited = s.Deposited.Add(c.Amount); s.Deposited.GT(maxDeposited) {
		return ErrTooMuch.Wrap(c.String())
	}
	s.Remainder = s.Remainder.Add(c.Amount.Mul(Scale))
	step := s.Remainder.Quo(p.Supply)
	s.Index, s.Remainder = s.Index.Add(step), s.Remainder.Sub(step.Mul(p.Supply))
	if found {
		p.Streams[i] = s
	} else {
		p.Streams = slices.Insert(p.Streams, i, s)
	}
	return nil
}

// Paid records that a claim took coins out.
func (p *Pool) Paid(coins sdk.Coins) error {
	for _, c := range coins {
		i, found := p.find(c.Denom)
		if !found {
			return ErrInvalid.Wrapf("pool %s has no revenue in %s", p.Model, c.Denom)
		}
		s := &p.Streams[i]
		if s.Claimed = s.Claimed.Add(c.Amount); s.Claimed.GT(s.Deposited) {
			return ErrTooMuch.Wrapf("pool %s: claims of %s exceed its deposits", p.Model, c.Denom)
		}
	}
	return nil
}

func (p Pool) find(denom string) (int, bool) {
	return slices.BinarySearchFunc(p.Streams, denom, func(s Stream, d string) int { return strings.Compare(s.Denom, d) })
}

// NewStream returns an accumulator that has seen nothing.
func NewStream(denom string) Stream {
	return Stream{Denom: denom, Index: math.ZeroInt(), Remainder: math.ZeroInt(), Deposited: math.ZeroInt(), Claimed: math.ZeroInt()}
}
