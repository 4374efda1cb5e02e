package types

import (
	"slices"
	"strings"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxSupply bounds max_supply (10^15 < 2^50), so that one release's rounding costs a holder less than 2^-14 of a unit.
var MaxSupply = math.NewInt(1_000_000_000_000_000)

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

// Release gives to the shares that exist what the streams have set free up to now. It must come before anything that reads or changes
// shares or earnings. It reports whether anything changed.
func (p *Pool) Release(now time.Time) bool {
	changed := false
	for i := range p.Streams {
		changed = p.Streams[i].release(now, p.Supply) || changed
	}
	return changed
}

// Deposit lets c stream to the shares from now on for about the time over (0 to MaxStreamTime; 0 is at once). The pool must have been
// released up to now. It returns the stream after it; p is changed only when the error is nil.
func (p *Pool) Deposit(c sdk.Coin, now time.Time, over time.Duration) (Stream, error) {
	if !p.Supply.IsPositive() {
		return Stream{}, ErrNoHolders.Wrap(p.Model)
	}
	if !c.Amount.IsPositive() || over < 0 || over > MaxStreamTime {
		return Stream{}, ErrInvalid.Wrapf("deposit of %s over %s", c, over)
	}
	i, found := p.find(c.Denom)
	s := NewStream(c.Denom)
	if found {
		s = p.Streams[i]
	} else if len(p.Streams) == MaxStreams {
		return Stream{}, ErrDenom.Wrapf("%s: the pool has %d denoms already", c.Denom, MaxStreams)
	}
	if err := s.add(c.Amount, now, over); err != nil {
		return Stream{}, err
	}
	s.release(now, p.Supply)
	if found {
		p.Streams[i] = s
	} else {
		p.Streams = slices.Insert(p.Streams, i, s)
	}
	return s, nil
}

// Paid records that a claim took coins out.
func (p *Pool) Paid(coins sdk.Coins) error {
	for _, c := range coins {
		i, found := p.find(c.Denom)
		if !found {
			return ErrBooks.Wrapf("pool %s has no revenue in %s", p.Model, c.Denom)
		}
		s := &p.Streams[i]
		if s.Claimed = s.Claimed.Add(c.Amount); s.Claimed.GT(s.Deposited) {
			return ErrBooks.Wrapf("pool %s: claims of %s%s exceed its deposits of %s", p.Model, s.Claimed, c.Denom, s.Deposited)
		}
	}
	return nil
}

// Pending returns what has not been released, rounded up to whole units.
func (p Pool) Pending() sdk.Coins {
	var coins sdk.Coins
	for _, s := range p.Streams {
		if s.Pending.IsPositive() {
			coins = append(coins, s.PendingCoin())
		}
	}
	return coins
}

func (p Pool) find(denom string) (int, bool) {
	return slices.BinarySearchFunc(p.Streams, denom, func(s Stream, d string) int { return strings.Compare(s.Denom, d) })
}
