package keeper_test

import (
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/worker/types"
)

func (c *chain) balance(i int) int64 {
	return c.bank.GetBalance(c.ctx, account(i), "stake").Amount.Int64()
}

// at moves the clock to start + seconds and ends the block.
func (c *chain) at(t require.TestingT, seconds int) {
	c.ctx = c.ctx.WithBlockTime(start.Add(time.Duration(seconds) * time.Second))
	require.NoError(t, c.k.ExecutePenalties(c.ctx))
	require.NoError(t, c.k.PayUnlocked(c.ctx))
	require.NoError(t, c.k.CheckInvariants(c.ctx))
}

func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func TestBondComesBackAtItsTime(t *testing.T) {
	c := newChain(t)
	require.ErrorIs(t, c.k.LockBond(c.ctx, account(0), 1, stake(10)), types.ErrNoWorker)
	require.NoError(t, c.register(t, 0, nodeKey(t)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(10)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(5)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 2, stake(7)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 3, stake(0)))
	require.ErrorIs(t, c.k.LockBond(c.ctx, account(0), 1, sdk.NewInt64Coin("other", 1)), types.ErrBond)
	require.ErrorIs(t, c.k.LockBond(c.ctx, account(0), 1, sdk.Coin{Denom: "stake", Amount: math.NewInt(-1)}), types.ErrBond)
	require.EqualValues(t, 978, c.balance(0))

	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 9, after(1)))
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(10)))
	c.at(t, 9)
	require.EqualValues(t, 978, c.balance(0))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(1))) // enrolled again: locked again
	c.at(t, 11)
	require.EqualValues(t, 977, c.balance(0))
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(20)))
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(30)))
	c.at(t, 29)
	require.EqualValues(t, 977, c.balance(0))
	c.at(t, 30)
	require.EqualValues(t, 993, c.balance(0))
	bs, err := c.q.Bonds(c.ctx, &types.QueryBondsRequest{Address: account(0).String()})
	require.NoError(t, err)
	require.Len(t, bs.Bonds, 1)
	require.EqualValues(t, 2, bs.Bonds[0].Run)
}

func TestUnlocksPerBlockAreBounded(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.register(t, 0, nodeKey(t)))
	const n = types.MaxUnlocks + 30
	for run := range uint64(n) {
		require.NoError(t, c.k.LockBond(c.ctx, account(0), run, stake(1)))
		require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), run, after(1)))
	}
	c.at(t, 2)
	require.EqualValues(t, 1000-30, c.balance(0))
	c.at(t, 2)
	require.EqualValues(t, 1000, c.balance(0))
}

// Whatever is locked, released, slashed, fined and pardoned: the module account holds exactly the books, and in the end everybody has
// what was not burnt.
func TestBondsConserve(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newChain(t)
		for i := range 3 {
			require.NoError(rt, c.register(t, i, nodeKey(t)))
		}
		clock := 0
		for range rapid.IntRange(1, 50).Draw(rt, "steps") {
			who, run := account(rapid.IntRange(0, 2).Draw(rt, "who")), uint64(rapid.IntRange(0, 2).Draw(rt, "run"))
			switch n := rapid.IntRange(0, 20).Draw(rt, "n"); rapid.IntRange(0, 9).Draw(rt, "op") {
			case 3:
				_, err := c.k.Slash(c.ctx, who, run, uint64(n), account(3), after(clock+n), "FRAUD", digest.Digest{1})
				require.NoError(rt, err)
			case 4:
				_, err := c.k.Fine(c.ctx, who, run, stake(int64(n)), account(n%4))
				require.NoError(rt, err)
			case 5:
				if _, err := c.k.Pardon(c.ctx, who, run, uint64(n)); err != nil {
					require.ErrorIs(rt, err, types.ErrNoPenalty)
				}
			case 6:
				require.NoError(rt, c.k.SuspendPenalties(c.ctx, run, uint64(n)))
			case 7:
				require.NoError(rt, c.k.ResumePenalties(c.ctx, run, after(clock+n)))
			case 8:
				require.NoError(rt, c.k.HoldBond(c.ctx, who, run))
			case 9:
				require.NoError(rt, c.k.Jail(c.ctx, who, after(clock+n)))
			case 0:
				require.NoError(rt, c.k.LockBond(c.ctx, who, run, stake(int64(n))))
			case 1:
				require.NoError(rt, c.k.ReleaseBond(c.ctx, who, run, after(clock+n)))
			case 2:
				clock += n
				c.at(rt, clock)
			}
			held := c.bank.GetAllBalances(c.ctx, authtypes.NewModuleAddress(types.ModuleName))
			total, err := c.k.Held(c.ctx)
			require.NoError(rt, err)
			require.True(rt, held.Equal(total))
		}
		for run := range uint64(3) {
			for i := range 3 {
				require.NoError(rt, c.k.ReleaseBond(c.ctx, account(i), run, after(clock)))
			}
			require.NoError(rt, c.k.ResumePenalties(c.ctx, run, after(clock)))
		}
		c.at(rt, clock+50)
		held, err := c.k.Held(c.ctx)
		require.NoError(rt, err)
		require.True(rt, held.Empty(), "%s", held)
		burned, err := c.k.Burned(c.ctx, "stake")
		require.NoError(rt, err)
		sum := burned.Amount.Int64()
		for i := range 4 {
			sum += c.balance(i)
		}
		require.EqualValues(rt, 4000, sum)
	})
}

func TestGenesis(t *testing.T) {
	c := newChain(t)
	for i := range 3 {
		require.NoError(t, c.register(t, i, nodeKey(t)))
		require.NoError(t, c.k.LockBond(c.ctx, account(i), 4, stake(5)))
	}
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(1), 4, after(10)))
	_, err := c.msg.LinkValidator(c.ctx, &types.MsgLinkValidator{Operator: operator(1).String(), Worker: account(2).String()})
	require.NoError(t, err)
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)

	fresh := newChain(t)
	require.ErrorIs(t, fresh.k.InitGenesis(fresh.ctx, gs), types.ErrGenesis, "the bank has no bonds")
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	again, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)
	jailed := start.Add(time.Hour)
	gs.Workers[0].JailedUntil = &jailed
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	ok, until, err := c.k.Standing(c.ctx, account(0))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, jailed, until)
	ok, until, err = c.k.Standing(c.ctx, account(1))
	require.NoError(t, err)
	require.True(t, ok && until.IsZero())
	ok, _, err = c.k.Standing(c.ctx, account(9))
	require.NoError(t, err)
	require.False(t, ok)

	for what, lie := range map[string]func(*types.GenesisState){
		"worker twice": func(g *types.GenesisState) { g.Workers = append(g.Workers, g.Workers[0]) },
		"peer twice":   func(g *types.GenesisState) { g.Workers[0].PeerId = g.Workers[1].PeerId },
		"peer":         func(g *types.GenesisState) { g.Workers[0].PeerId = "x" },
		"validator":    func(g *types.GenesisState) { g.Workers[0].Validator = g.Workers[2].Validator },
		"stranger":     func(g *types.GenesisState) { g.Bonds[0].Worker = account(9).String() },
		"bond twice":   func(g *types.GenesisState) { g.Bonds[0] = g.Bonds[1] },
		"nothing":      func(g *types.GenesisState) { g.Bonds[0].Bond.Amount = stake(0) },
	} {
		g, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		lie(g)
		require.Error(t, g.Validate(), what)
	}
}
