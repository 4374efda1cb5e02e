package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
)

// A claim costs the same gas whatever happened before, but for the digits of larger numbers: rounds mint and deposit, every claim falls
// into the middle of a stream.
func TestClaimGasIsConstant(t *testing.T) {
	var least, most uint64
	for _, size := range []struct{ rounds, holders int }{
		{1, 1}, {10, 1}, {1000, 1}, {20_000, 1}, {1, 2000}, {1000, 2000}, {20_000, 2000},
	} {
		gas := claimGas(t, size.rounds, size.holders)
		t.Logf("%6d rounds, %4d holders: %d gas", size.rounds, size.holders, gas)
		if least == 0 {
			least = gas
		}
		least, most = min(least, gas), max(most, gas)
	}
	require.LessOrEqual(t, 100*(most-least), 5*least, "claims cost between %d and %d gas", least, most)
}

func claimGas(t *testing.T, rounds, holders int) uint64 {
	c := newStreaming(t, 24*time.Hour)
	for h := range holders {
		require.NoError(t, c.mint(h, 1_000_003))
	}
	for r := range rounds {
		c.wait(10 * time.Minute)
		require.NoError(t, c.mint(r%holders, 10_007))
		require.NoError(t, c.deposit(1_000_000_007))
	}
	c.wait(7*time.Hour + time.Nanosecond)
	c.ctx = c.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	paid, err := c.claim(0)
	require.NoError(t, err)
	require.Positive(t, paid)
	return c.ctx.GasMeter().GasConsumed()
}
