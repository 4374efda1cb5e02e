package types

import (
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// NewPosition returns a position without shares.
func NewPosition() Position { return Position{Shares: math.ZeroInt()} }

// Settle credits what the shares have earned since the position was last settled. The pool must have been released up to now.
func (pos *Position) Settle(pool Pool) {
	settled := make([]Earning, len(pool.Streams))
	for i, s := range pool.Streams {
		// No entry means that the stream began after the last settlement: its index was zero then.
		e := Earning{Denom: s.Denom, Index: math.ZeroInt(), Owed: math.ZeroInt()}
		for _, old := range pos.Earnings {
			if old.Denom == s.Denom {
				e = old
			}
		}
		e.Owed = e.Owed.Add(pos.Shares.Mul(s.Index.Sub(e.Index)))
		e.Index = s.Index
		settled[i] = e
	}
	pos.Earnings = settled
}

// Move settles the position and changes its shares by delta; it fails when fewer than zero would be left.
func (pos *Position) Move(pool Pool, delta math.Int) error {
	pos.Settle(pool)
	left := pos.Shares.Add(delta)
	if left.IsNegative() {
		return ErrShort.Wrapf("%s held, %s needed", pos.Shares, delta.Neg())
	}
	pos.Shares = left
	return nil
}

// Take settles the position and takes out the whole units it is owed; fractions stay.
func (pos *Position) Take(pool Pool) sdk.Coins {
	pos.Settle(pool)
	var coins sdk.Coins
	for i := range pos.Earnings {
		e := &pos.Earnings[i]
		whole := e.Owed.Quo(Scale)
		if whole.IsPositive() {
			e.Owed = e.Owed.Sub(whole.Mul(Scale))
			coins = append(coins, sdk.NewCoin(e.Denom, whole))
		}
	}
	return coins
}

// Pending returns the position's part of what the pool has not yet released, in whole units, if no shares are minted or moved until then.
func (pos Position) Pending(pool Pool) sdk.Coins {
	var coins sdk.Coins
	for _, s := range pool.Streams {
		if !s.Pending.IsPositive() || !pool.Supply.IsPositive() {
			continue
		}
		if part := s.Pending.Mul(pos.Shares).Quo(pool.Supply).Quo(Scale); part.IsPositive() {
			coins = append(coins, sdk.NewCoin(s.Denom, part))
		}
	}
	return coins
}

// Empty reports whether nothing would be lost by forgetting the position.
func (pos Position) Empty() bool {
	for _, e := range pos.Earnings {
		if !e.Owed.IsZero() {
			return false
		}
	}
	return pos.Shares.IsZero()
}
