package keeper_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/x/share/types"
)

const players = 5

// history is one random life of a chain beside its exact ledger.
type history struct {
	rt      *rapid.T
	c       *chain
	l       *ledger
	over    time.Duration
	touches int64
}

// Any sequence of mints, deposits, transfers, claims, waits and changes of stream_time keeps the books balanced at each step, and gives to
// every holder what exact rationals say: a touch may shift at most supply / 2^64 of a unit from one holder to another, and all together
// never get more than has flowed.
func TestMatchesRationals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{rt: rt, c: newChain(t), l: newLedger(players, start)}
		h.setStreamTime()
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			h.c.wait(h.duration("wait", 0, 12*time.Hour))
			h.l.release(h.c.ctx.BlockTime())
			h.step()
			h.check()
		}
		h.c.wait(31 * day)
		h.l.release(h.c.ctx.BlockTime())
		for i := range players {
			h.claim(i)
		}
		h.check()
	})
}

func (h *history) duration(name string, least, most time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(int64(least), int64(most)).Draw(h.rt, name))
}

func (h *history) setStreamTime() {
	h.over = rapid.SampledFrom([]time.Duration{0, 1, time.Second, time.Hour, day, types.MaxStreamTime}).Draw(h.rt, "stream time")
	_, err := h.c.msg.UpdateParams(h.c.ctx, &types.MsgUpdateParams{
		Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(),
		Params:    types.Params{MinDeposits: coins(1, revenue), StreamTime: h.over},
	})
	require.NoError(h.rt, err)
}

func (h *history) step() {
	h.touches++
	i, j := rapid.IntRange(0, players-1).Draw(h.rt, "i"), rapid.IntRange(0, players-1).Draw(h.rt, "j")
	v := rapid.Int64Range(1, 1_000_000_000).Draw(h.rt, "v")
	switch rapid.IntRange(0, 9).Draw(h.rt, "op") {
	case 0, 1:
		require.NoError(h.rt, h.c.mint(i, v))
		h.l.shares[i], h.l.supply = h.l.shares[i]+v, h.l.supply+v
	case 2, 3, 4:
		h.deposit(v)
	case 5, 6:
		if v = min(v, h.l.shares[i]); v > 0 {
			require.NoError(h.rt, h.c.send(i, j, v))
			h.l.shares[i] -= v
			h.l.shares[j] += v
		}
	case 7, 8:
		h.claim(i)
	case 9:
		h.setStreamTime()
	}
}

func (h *history) deposit(v int64) {
	if h.l.supply == 0 {
		require.ErrorIs(h.rt, h.c.deposit(v), types.ErrNoHolders)
		return
	}
	now := h.c.ctx.BlockTime()
	left, _ := h.l.deposit(v, now, h.over).Float64()
	require.NoError(h.rt, h.c.deposit(v))
	r, err := h.c.q.Pool(h.c.ctx, &types.QueryPoolRequest{Model: model})
	require.NoError(h.rt, err)
	// The module rounds the end up to a nanosecond: the ledger follows it.
	s := r.Pool.Streams[0]
	require.InDelta(h.rt, left, float64(s.Until.Sub(now)), 2)
	h.l.until = s.Until
	h.l.release(now)
	require.Equal(h.rt, s.Pending.IsPositive(), h.l.pending.Sign() > 0)
}

func (h *history) claim(i int) {
	n, err := h.c.claim(i)
	require.NoError(h.rt, err)
	h.l.paid[i] += n
}

func (h *history) check() {
	require.NoError(h.rt, h.c.k.CheckInvariants(h.c.ctx))
	got, err := h.c.got(h.l)
	require.NoError(h.rt, err)
	slack := new(big.Rat).SetFrac(big.NewInt((h.touches+players+1)*(h.l.supply+1)), new(big.Int).Lsh(big.NewInt(1), 64))
	sum := new(big.Rat)
	for i, g := range got {
		sum.Add(sum, g)
		if off := new(big.Rat).Sub(g, h.l.earned[i]); off.Abs(off).Cmp(slack) > 0 {
			h.rt.Fatalf("holder %d earned %s and got %s", i, h.l.earned[i].FloatString(20), g.FloatString(20))
		}
		require.Equal(h.rt, h.l.shares[i], h.c.bank.GetBalance(h.c.ctx, holder(i), share).Amount.Int64())
	}
	if flowed := h.l.flowed(); sum.Cmp(flowed) > 0 {
		h.rt.Fatalf("%s were given of %s", sum.FloatString(20), flowed.FloatString(20))
	}
}

// Who does nothing is paid the same, to less than a unit, however others touch the pool: 200 self-sends and dust deposits against none.
func TestOthersCannotDelayAHolder(t *testing.T) {
	quiet, busy := newStreaming(t, day), newStreaming(t, day)
	for _, c := range []*chain{quiet, busy} {
		require.NoError(t, c.mint(1, 999_983))
		require.NoError(t, c.mint(2, 17))
		require.NoError(t, c.deposit(10_000_019))
	}
	for range 200 {
		quiet.wait(6 * time.Minute)
		busy.wait(6 * time.Minute)
		require.NoError(t, busy.send(2, 2, 1))
		require.NoError(t, busy.deposit(1))
	}
	a, b := quiet.claims(t, 1)[0], busy.claims(t, 1)[0]
	// The 200 units deposited delay what waits by about their part of it.
	require.InDelta(t, a, b, 200)
	quiet.wait(day)
	busy.wait(day)
	require.GreaterOrEqual(t, b+busy.claims(t, 1)[0], a+quiet.claims(t, 1)[0])
}

func FuzzDenom(f *testing.F) {
	for _, s := range []string{"", "a", model, "a/b", "share/x", "A_b.c:d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		d, err := types.Denom(name)
		if err != nil {
			return
		}
		if back, ok := types.ModelOf(d); !ok || back != name {
			t.Fatalf("%q became %q", name, back)
		}
		require.NoError(t, sdk.ValidateDenom(d))
	})
}
