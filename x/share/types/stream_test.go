package types

import (
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const day = 24 * time.Hour

var start = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func coin(n int64) sdk.Coin { return sdk.NewInt64Coin("uweft", n) }

// newTestPool returns a pool of 1,000 shares.
func newTestPool(t *testing.T) Pool {
	p, err := NewPool("m", math.NewInt(1000))
	require.NoError(t, err)
	p.Supply = math.NewInt(1000)
	return p
}

func deposit(t *testing.T, p *Pool, n int64, at time.Time) Stream {
	t.Helper()
	p.Release(at)
	s, err := p.Deposit(coin(n), at, day)
	require.NoError(t, err)
	return s
}

// perShare returns how many units every share has earned, rounded down.
func perShare(p Pool) int64 { return p.Streams[0].Index.Quo(Scale).Int64() }

func TestReleaseIsLinear(t *testing.T) {
	p := newTestPool(t)
	s := deposit(t, &p, 24_000_000, start)
	require.Equal(t, start.Add(day), s.Until)
	require.False(t, p.Release(start))
	for _, tc := range []struct {
		at   time.Duration
		want int64
	}{{time.Hour, 1000}, {6 * time.Hour, 6000}, {6 * time.Hour, 6000}, {23*time.Hour + 30*time.Minute, 23_500}, {day, 24_000}, {9 * day,
		24_000}} {
		p.Release(start.Add(tc.at))
		// Each release rounds down by less than 2^-64 of a unit per pool.
		require.InDelta(t, tc.want, perShare(p), 1, tc.at)
	}
	require.EqualValues(t, 24_000, perShare(p))
	require.True(t, p.Streams[0].Pending.IsZero())
	require.False(t, p.Release(start.Add(10*day)), "nothing is left to release")
}

// A release at every block gives the same as one release, to less than a unit: who touches the pool often delays nothing.
func TestManyReleasesDelayNothing(t *testing.T) {
	often, once := newTestPool(t), newTestPool(t)
	deposit(t, &often, 1000, start)
	deposit(t, &once, 1000, start)
	for at := start; at.Before(start.Add(12 * time.Hour)); at = at.Add(1700 * time.Millisecond) {
		often.Release(at)
	}
	often.Release(start.Add(12 * time.Hour))
	once.Release(start.Add(12 * time.Hour))
	diff := once.Streams[0].Index.Sub(often.Streams[0].Index)
	require.False(t, diff.IsNegative())
	require.True(t, diff.LT(math.NewInt(100_000)), "%s / 2^64 per share", diff)
}

// A new deposit and what waits share one end, weighted by amounts.
func TestDepositsShareOneEnd(t *testing.T) {
	p := newTestPool(t)
	deposit(t, &p, 300, start)
	s := deposit(t, &p, 50, start.Add(18*time.Hour)) // 75 wait for 6 h, 50 come with 24 h: (75·6 + 50·24) / 125 = 13.2 h
	require.Equal(t, start.Add(18*time.Hour+13*time.Hour+12*time.Minute), s.Until)
	require.Equal(t, coin(125), s.PendingCoin())
	_, err := p.Deposit(coin(125), s.ReleasedAt, 0) // twice the money in half of the time
	require.NoError(t, err)
	require.Equal(t, start.Add(18*time.Hour+6*time.Hour+36*time.Minute), p.Streams[0].Until)
}

// Griefing: 20,000 deposits of one unit, one per second, against a stream of 10^9 units. Each delays what waits by about its part of the
// time passed: together 20,000² / 2 seconds / 10^9, and at most a nanosecond of rounding each.
func TestDustDoesNotDelay(t *testing.T) {
	p := newTestPool(t)
	deposit(t, &p, 1_000_000_000, start)
	const dust = 20_000
	at := start
	for range dust {
		at = at.Add(time.Second)
		deposit(t, &p, 1, at)
	}
	delay := p.Streams[0].Until.Sub(start.Add(day))
	require.Positive(t, delay)
	require.Less(t, delay, 250*time.Millisecond)
	p.Release(start.Add(day))
	require.GreaterOrEqual(t, perShare(p), int64(999_950))
}

func TestDepositAtOnce(t *testing.T) {
	p := newTestPool(t)
	s, err := p.Deposit(coin(7_000), start, 0)
	require.NoError(t, err)
	require.True(t, s.Pending.IsZero())
	require.EqualValues(t, 7, perShare(p))
	require.Empty(t, p.Pending())
}

// The largest amounts over the longest time stay inside 256 bits for any supply; one unit more is refused by name, saying what fits.
func TestBounds(t *testing.T) {
	for _, supply := range []math.Int{math.OneInt(), math.NewInt(3), MaxSupply} {
		p, err := NewPool("m", MaxSupply)
		require.NoError(t, err)
		p.Supply = supply
		pos := Position{Shares: supply}
		half := maxDeposited.QuoRaw(2)
		_, err = p.Deposit(sdk.NewCoin("uweft", half), start, MaxStreamTime)
		require.NoError(t, err)
		p.Release(start.Add(MaxStreamTime - 1))
		_, err = p.Deposit(sdk.NewCoin("uweft", half), start.Add(MaxStreamTime-1), MaxStreamTime)
		require.NoError(t, err)
		_, err = p.Deposit(coin(1), start.Add(MaxStreamTime-1), MaxStreamTime)
		require.ErrorIs(t, err, ErrTooMuch)
		require.ErrorContains(t, err, "room for 0uweft: deposit at most that")
		p.Release(start.Add(2*MaxStreamTime - 2))
		pos.Pending(p)
		p.Release(start.Add(3 * MaxStreamTime))
		paid := pos.Take(p)
		require.NoError(t, p.Paid(paid))
		require.True(t, maxDeposited.Sub(paid.AmountOf("uweft")).LTE(math.OneInt()))
		require.ErrorIs(t, p.Paid(paid), ErrBooks)
	}
}

func TestDepositRefusesWhatNoMessageMaySay(t *testing.T) {
	p := newTestPool(t)
	for _, over := range []time.Duration{-1, MaxStreamTime + 1} {
		_, err := p.Deposit(coin(1), start, over)
		require.ErrorIs(t, err, ErrInvalid)
	}
	_, err := p.Deposit(coin(0), start, day)
	require.ErrorIs(t, err, ErrInvalid)
	require.Empty(t, p.Streams)
	for i := range MaxStreams {
		_, err := p.Deposit(sdk.NewInt64Coin("coin"+string(rune('a'+i)), 1), start, day)
		require.NoError(t, err)
	}
	_, err = p.Deposit(coin(1), start, day)
	require.ErrorIs(t, err, ErrDenom)
}

func TestParams(t *testing.T) {
	require.NoError(t, DefaultParams().Validate())
	require.Equal(t, day, DefaultParams().StreamTime)
	for name, p := range map[string]Params{
		"share denom":      {MinDeposits: []sdk.Coin{{Denom: "share/m", Amount: math.OneInt()}}},
		"no amount":        {MinDeposits: []sdk.Coin{{Denom: "uweft"}}},
		"zero":             {MinDeposits: []sdk.Coin{coin(0)}},
		"negative time":    {StreamTime: -1},
		"more than 30 d":   {StreamTime: MaxStreamTime + 1},
		"denom":            {MinDeposits: []sdk.Coin{{Denom: "!", Amount: math.OneInt()}}},
		"not sorted":       {MinDeposits: []sdk.Coin{coin(1), sdk.NewInt64Coin("stake", 1)}},
		"more than 8":      {MinDeposits: make([]sdk.Coin, MaxStreams+1)},
		"two of one denom": {MinDeposits: []sdk.Coin{coin(1), coin(2)}},
	} {
		require.ErrorIs(t, p.Validate(), ErrInvalid, name)
	}
}
