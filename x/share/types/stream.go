package types

import (
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxStreamTime bounds stream_time, and with it the time that any deposit still has to run.
const MaxStreamTime = 30 * 24 * time.Hour

var (
	// Scale is 2^64: indexes, remainders, what is pending and what is owed are kept in this fraction of a unit.
	Scale = math.NewIntFromUint64(1 << 63).MulRaw(2)
	// maxDeposited bounds what one stream takes in its life (2^128).
	maxDeposited = Scale.Mul(Scale)
	// maxScaled bounds every number that is kept times 2^64 (2^192). math.Int panics beyond 256 bits; the largest product is pending
	// times a duration within MaxStreamTime (below 2^52 ns), and shares times an index difference stay below 2^192 because the shares of a
	// position do not change between two settlements.
	maxScaled = maxDeposited.Mul(Scale)
)

// NewStream returns a stream that has seen nothing.
func NewStream(denom string) Stream {
	zero := math.ZeroInt()
	return Stream{Denom: denom, Index: zero, Remainder: zero, Deposited: zero, Claimed: zero, Pending: zero}
}

// add puts a positive amount on the stream, which must have been released up to now. What waits already and the new amount share one end:
// the mean of what is left of the old time and of the new deposit's, weighted by amounts and rounded up to a nanosecond. So whoever wants
// to
// delay what waits must give money in proportion.
func (s *Stream) add(amount math.Int, now time.Time, over time.Duration) error {
	if room := maxDeposited.Sub(s.Deposited); amount.GT(room) {
		return ErrTooMuch.Wrapf("%s%s; this pool's lifetime has room for %s%s: deposit at most that", amount, s.Denom, room, s.Denom)
	}
	scaled := amount.Mul(Scale)
	weighted := scaled.MulRaw(int64(over))
	if s.Pending.IsPositive() {
		weighted = weighted.Add(s.Pending.MulRaw(int64(s.Until.Sub(now))))
	}
	s.Deposited, s.Pending = s.Deposited.Add(amount), s.Pending.Add(scaled)
	left := weighted.Add(s.Pending).SubRaw(1).Quo(s.Pending)
	s.ReleasedAt, s.Until = now, now.Add(time.Duration(left.Int64()))
	return nil
}

// release spreads over supply shares what has become free between the last release and now. It reports whether anything changed.
func (s *Stream) release(now time.Time, supply math.Int) bool {
	if !s.Pending.IsPositive() || !supply.IsPositive() {
		return false
	}
	free := s.Pending
	if now.Before(s.Until) {
		if !now.After(s.ReleasedAt) {
			return false
		}
		free = s.Pending.MulRaw(int64(now.Sub(s.ReleasedAt))).QuoRaw(int64(s.Until.Sub(s.ReleasedAt)))
	}
	s.Pending, s.ReleasedAt = s.Pending.Sub(free), now
	s.Remainder = s.Remainder.Add(free)
	step := s.Remainder.Quo(supply)
	s.Index, s.Remainder = s.Index.Add(step), s.Remainder.Sub(step.Mul(supply))
	return true
}

// Shift moves the stream's times by d.
func (s *Stream) Shift(d time.Duration) {
	s.Until, s.ReleasedAt = s.Until.Add(d), s.ReleasedAt.Add(d)
}

// PendingCoin returns what has not been released, rounded up to whole units.
func (s Stream) PendingCoin() sdk.Coin {
	return sdk.NewCoin(s.Denom, s.Pending.Add(Scale).SubRaw(1).Quo(Scale))
}
