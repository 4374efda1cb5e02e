package types

import (
	"slices"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// tally adds up the positions of one pool.
type tally struct {
	pool   Pool
	shares math.Int
	owed   []math.Int // per stream, times 2^64
}

// newTally checks the pool by itself: every number within the bounds that keep the arithmetic inside 256 bits.
func newTally(p Pool) (*tally, error) {
	if _, err := NewPool(p.Model, p.MaxSupply); err != nil {
		return nil, err
	}
	if !within(p.Supply, p.MaxSupply) || len(p.Streams) > MaxStreams {
		return nil, ErrBooks.Wrapf("pool %s: supply %s of at most %s, %d streams of at most %d", p.Model, p.Supply, p.MaxSupply, len(p.Streams),
			MaxStreams)
	}
	t := &tally{pool: p, shares: math.ZeroInt()}
	for i, s := range p.Streams {
		if i > 0 && p.Streams[i-1].Denom >= s.Denom {
			return nil, ErrBooks.Wrapf("pool %s: streams are not sorted", p.Model)
		}
		if err := s.check(p); err != nil {
			return nil, err
		}
		t.owed = append(t.owed, math.ZeroInt())
	}
	return t, nil
}

func (s Stream) check(p Pool) error {
	if err := sdk.ValidateDenom(s.Denom); err != nil || IsShare(s.Denom) {
		return ErrBooks.Wrapf("pool %s: denom %q cannot be revenue", p.Model, s.Denom)
	}
	if !within(s.Deposited, maxDeposited) || !within(s.Claimed, s.Deposited) {
		return ErrBooks.Wrapf("pool %s: %s claimed of %s%s deposited", p.Model, s.Claimed, s.Deposited, s.Denom)
	}
	in := s.Deposited.Mul(Scale)
	if !within(s.Index, in) || !within(s.Remainder, in) || !within(s.Pending, in) {
		return ErrBooks.Wrapf("pool %s: index %s, remainder %s or pending %s of %s out of range", p.Model, s.Index, s.Remainder, s.Pending,
			s.Denom)
	}
	if s.Deposited.IsPositive() && !p.Supply.IsPositive() {
		return ErrBooks.Wrapf("pool %s: %s%s deposited, and nobody holds shares", p.Model, s.Deposited, s.Denom)
	}
	return nil
}

// within reports whether v is a number from 0 to most.
func within(v, most math.Int) bool { return !v.IsNil() && !v.IsNegative() && !v.GT(most) }

func (t *tally) add(hp HolderPosition) error {
	pos := hp.Position
	if !within(pos.Shares, t.pool.Supply) {
		return ErrBooks.Wrapf("pool %s: %s has %s shares of %s", hp.Model, hp.Holder, pos.Shares, t.pool.Supply)
	}
	for _, e := range pos.Earnings {
		i, ok := t.pool.find(e.Denom)
		if !ok || !within(e.Index, t.pool.Streams[i].Index) || !within(e.Owed, maxScaled) {
			return ErrBooks.Wrapf("pool %s: %s has earnings in %q out of range: index %s, owed %s", hp.Model, hp.Holder, e.Denom, e.Index, e.Owed)
		}
	}
	pos.Earnings = slices.Clone(pos.Earnings)
	pos.Settle(t.pool)
	t.shares = t.shares.Add(pos.Shares)
	for i, e := range pos.Earnings {
		t.owed[i] = t.owed[i].Add(e.Owed)
		if in := t.pool.Streams[i].Deposited.Mul(Scale); t.owed[i].GT(in) {
			return ErrBooks.Wrapf("pool %s: more than the %s%s deposited is owed, counted up to %s", hp.Model, t.pool.Streams[i].Deposited, e.Denom,
				hp.Holder)
		}
	}
	return nil
}

func (t *tally) check() error {
	if !t.shares.Equal(t.pool.Supply) {
		return ErrBooks.Wrapf("pool %s: positions hold %s shares of %s", t.pool.Model, t.shares, t.pool.Supply)
	}
	for i, s := range t.pool.Streams {
		sum := t.owed[i].Add(s.Remainder).Add(s.Pending).Add(s.Claimed.Mul(Scale))
		if in := s.Deposited.Mul(Scale); !sum.Equal(in) {
			return ErrBooks.Wrapf("pool %s: %s%s deposited; claimed %s + (pending %s + remainder %s + owed %s) / 2^64 differs by %s / 2^64",
				t.pool.Model, s.Deposited, s.Denom, s.Claimed, s.Pending, s.Remainder, t.owed[i], sum.Sub(in))
		}
	}
	return nil
}
