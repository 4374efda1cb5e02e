package keeper_test

import (
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// midStream returns a chain seven hours into a stream, with a claim and a transfer behind it.
func midStream(t *testing.T) *chain {
	c := newStreaming(t, day)
	require.NoError(t, c.mint(1, 3))
	require.NoError(t, c.mint(2, 4))
	require.NoError(t, c.deposit(1_000_003))
	c.wait(5 * time.Hour)
	_, err := c.claim(1)
	require.NoError(t, err)
	require.NoError(t, c.send(1, 2, 1))
	c.wait(2 * time.Hour)
	return c
}

// reborn returns a new chain at the time at, with the state gs of x/share and the balances of c.
func reborn(t *testing.T, c *chain, gs *types.GenesisState, at time.Time) *chain {
	n := bare(t)
	n.ctx = n.ctx.WithBlockTime(at)
	n.bank.InitGenesis(n.ctx, c.bank.ExportGenesis(c.ctx))
	require.NoError(t, n.k.InitGenesis(n.ctx, gs))
	return n
}

// An export in the middle of a stream goes on at any other time as if no time had passed: remaining time is kept, not deadlines.
func TestImportAtAnotherTimeKeepsTheTimeLeft(t *testing.T) {
	for name, at := range map[string]time.Time{
		"the same time": start.Add(7 * time.Hour),
		"a month later": start.Add(30 * day),
		"years before":  start.Add(-3000 * day),
	} {
		t.Run(name, func(t *testing.T) {
			old := midStream(t)
			gs, err := old.k.ExportGenesis(old.ctx)
			require.NoError(t, err)
			fresh := reborn(t, old, gs, at)
			require.NoError(t, fresh.k.CheckInvariants(fresh.ctx))
			for _, d := range []time.Duration{0, time.Nanosecond, 3 * time.Hour, 11*time.Hour + 17, day} {
				old.wait(d)
				fresh.wait(d)
				require.Equal(t, old.claims(t, 1, 2), fresh.claims(t, 1, 2), d)
			}
			require.NoError(t, old.send(2, 1, 2))
			require.NoError(t, fresh.send(2, 1, 2))
			a, err := old.k.ExportGenesis(old.ctx)
			require.NoError(t, err)
			b, err := fresh.k.ExportGenesis(fresh.ctx)
			require.NoError(t, err)
			require.Equal(t, a.Positions, b.Positions)
		})
	}
}

func TestGenesisRoundTrip(t *testing.T) {
	c := midStream(t)
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	again, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)
}

// Every lie is refused by an error, none by a panic.
func TestGenesisLies(t *testing.T) {
	huge := math.NewIntFromBigInt(types.Scale.Mul(types.Scale).Mul(types.Scale).BigInt()).MulRaw(1 << 62)
	stream := func(g *types.GenesisState) *types.Stream { return &g.Pools[0].Streams[0] }
	earning := func(g *types.GenesisState) *types.Earning { return &g.Positions[0].Position.Earnings[0] }
	for name, lie := range map[string]func(*types.GenesisState){
		"supply":           func(g *types.GenesisState) { g.Pools[0].Supply = math.NewInt(8) },
		"supply missing":   func(g *types.GenesisState) { g.Pools[0].Supply = math.Int{} },
		"above maximum":    func(g *types.GenesisState) { g.Pools[0].MaxSupply = math.NewInt(6) },
		"no holders":       func(g *types.GenesisState) { g.Pools[0].Supply, g.Positions = math.ZeroInt(), nil },
		"owed":             func(g *types.GenesisState) { earning(g).Owed = types.Scale },
		"owed huge":        func(g *types.GenesisState) { earning(g).Owed = huge },
		"owed missing":     func(g *types.GenesisState) { earning(g).Owed = math.Int{} },
		"earning's denom":  func(g *types.GenesisState) { earning(g).Denom = "other" },
		"shares":           func(g *types.GenesisState) { g.Positions[0].Position.Shares = math.NewInt(3) },
		"shares negative":  func(g *types.GenesisState) { g.Positions[0].Position.Shares = math.NewInt(-1) },
		"claimed":          func(g *types.GenesisState) { stream(g).Claimed = math.ZeroInt() },
		"claimed too much": func(g *types.GenesisState) { stream(g).Claimed = math.NewInt(1_000_004) },
		"deposited":        func(g *types.GenesisState) { stream(g).Deposited = math.NewInt(1_000_004) },
		"deposited huge":   func(g *types.GenesisState) { stream(g).Deposited = huge },
		"index huge":       func(g *types.GenesisState) { stream(g).Index = huge },
		"remainder huge":   func(g *types.GenesisState) { stream(g).Remainder = huge },
		"pending":          func(g *types.GenesisState) { stream(g).Pending = types.Scale },
		"pending missing":  func(g *types.GenesisState) { stream(g).Pending = math.Int{} },
		"pending huge":     func(g *types.GenesisState) { stream(g).Pending = huge },
		"revenue is share": func(g *types.GenesisState) { stream(g).Denom = share },
		"no time":          func(g *types.GenesisState) { g.Time = nil },
		"time before":      func(g *types.GenesisState) { *g.Time = start },
		"until before":     func(g *types.GenesisState) { stream(g).Until = start },
		"until too late":   func(g *types.GenesisState) { stream(g).Until = start.Add(40 * day) },
		"no pool":          func(g *types.GenesisState) { g.Positions[0].Model = "absent" },
		"duplicate":        func(g *types.GenesisState) { g.Positions = append(g.Positions, g.Positions[0]) },
		"holder":           func(g *types.GenesisState) { g.Positions[0].Holder = "x" },
		"two pools":        func(g *types.GenesisState) { g.Pools = append(g.Pools, g.Pools[0]) },
		"stream time":      func(g *types.GenesisState) { g.Params.StreamTime = 31 * day },
	} {
		t.Run(name, func(t *testing.T) {
			c := midStream(t)
			g, err := c.k.ExportGenesis(c.ctx)
			require.NoError(t, err)
			require.NoError(t, g.Validate())
			lie(g)
			require.Error(t, g.Validate())
			require.Error(t, c.k.InitGenesis(c.ctx, g))
		})
	}
}

// What is consistent in itself and not the bank's truth is refused, naming who and how much.
func TestGenesisAgainstTheBank(t *testing.T) {
	for name, tc := range map[string]struct {
		lie  func(c *chain, g *types.GenesisState)
		want string
	}{
		"another holder": {func(_ *chain, g *types.GenesisState) { g.Positions[1].Holder = holder(7).String() },
			"position of 0 and a balance of 5share/gsm8k-tiny"},
		"a pool less": {func(_ *chain, g *types.GenesisState) { g.Pools, g.Positions = nil, nil },
			"a position of 0 and a balance of 2share/gsm8k-tiny"},
		"revenue is missing": {func(c *chain, _ *types.GenesisState) { c.drain(t, 1) }, "pools have not paid out"},
	} {
		t.Run(name, func(t *testing.T) {
			c := midStream(t)
			g, err := c.k.ExportGenesis(c.ctx)
			require.NoError(t, err)
			tc.lie(c, g)
			require.NoError(t, g.Validate())
			err = c.k.InitGenesis(c.ctx, g)
			require.ErrorIs(t, err, types.ErrBooks)
			require.ErrorContains(t, err, tc.want)
		})
	}
	c := midStream(t)
	g, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	*g.Time = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	require.ErrorContains(t, c.k.InitGenesis(c.ctx, g), "too far")
}

// drain takes revenue out of the module account behind the module's back.
func (c *chain) drain(t *testing.T, n int64) {
	require.NoError(t, c.bank.SendCoinsFromModuleToAccount(c.ctx, types.ModuleName, payer, sdk.NewCoins(sdk.NewInt64Coin(revenue, n))))
}
