package keeper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/worker/types"
)

// bonded is a chain on which account 0 has 105 locked in run 1 and 50 in run 2.
func bonded(t *testing.T) *chain {
	c := newChain(t)
	require.NoError(t, c.register(t, 0, nodeKey(t)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(105)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 2, stake(50)))
	return c
}

func (c *chain) slash(t *testing.T, run, round uint64, finder sdk.AccAddress, at int) sdk.Coin {
	got, err := c.k.Slash(c.ctx, account(0), run, round, finder, after(at), "FRAUD", digest.Digest{7})
	require.NoError(t, err)
	return got
}

func (c *chain) burned(t *testing.T) int64 {
	b, err := c.k.Burned(c.ctx, "stake")
	require.NoError(t, err)
	return b.Amount.Int64()
}

// A slash takes the whole bond of one run and nothing of another's; a tenth, rounded down, goes to the finder when its time has come.
func TestSlash(t *testing.T) {
	c := bonded(t)
	supply := c.bank.GetSupply(c.ctx, "stake").Amount.Int64()
	require.Equal(t, stake(105), c.slash(t, 1, 8, account(3), 100))
	again, err := c.k.Slash(c.ctx, account(0), 1, 9, account(3), after(100), "FRAUD", digest.Digest{})
	require.NoError(t, err)
	require.True(t, again.IsNil(), "there was nothing left to take")
	c.at(t, 99)
	require.EqualValues(t, 1000, c.balance(3))
	c.at(t, 100)
	require.EqualValues(t, 1010, c.balance(3))
	require.EqualValues(t, 95, c.burned(t))
	require.EqualValues(t, supply-95, c.bank.GetSupply(c.ctx, "stake").Amount.Int64())
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 2, after(101)))
	c.at(t, 101)
	require.EqualValues(t, 1000-105, c.balance(0), "the bond of run 2 came back")
	_, err = c.k.Pardon(c.ctx, account(0), 1, 8)
	require.ErrorIs(t, err, types.ErrNoPenalty)
}

// A bond that is about to be paid back is slashed as well, and not paid back.
func TestSlashOfAnUnlockingBond(t *testing.T) {
	c := bonded(t)
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(10)))
	require.NoError(t, c.k.HoldBond(c.ctx, account(0), 1))
	c.at(t, 11)
	require.EqualValues(t, 1000-155, c.balance(0), "held while a dispute is open")
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(20)))
	c.slash(t, 1, 1, nil, 30)
	c.at(t, 30)
	require.EqualValues(t, 1000-155, c.balance(0))
	require.EqualValues(t, 105, c.burned(t), "nobody found it: everything is burnt")
	require.NoError(t, c.k.HoldBond(c.ctx, account(0), 7))
}

// A finder that cannot be paid, because it is a module or a rule of the bank forbids it, does not stop the chain.
func TestFinderThatCannotBePaid(t *testing.T) {
	c := bonded(t)
	c.slash(t, 1, 1, account(3), 5)
	c.slash(t, 2, 1, authtypes.NewModuleAddress(govtypes.ModuleName), 5)
	c.bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if to.Equals(account(3)) {
			return nil, errors.New("takes no coins")
		}
		return to, nil
	})
	c.at(t, 5)
	require.EqualValues(t, 1000, c.balance(3))
	require.EqualValues(t, 155, c.burned(t))
}

func TestPardon(t *testing.T) {
	c := bonded(t)
	c.slash(t, 1, 8, account(3), 100)
	require.NoError(t, c.k.Jail(c.ctx, account(0), after(100)))
	require.NoError(t, c.k.Jail(c.ctx, account(0), after(50)))
	_, until, err := c.k.Standing(c.ctx, account(0))
	require.NoError(t, err)
	require.Equal(t, after(100), until, "the later of two terms")
	_, err = c.k.Pardon(c.ctx, account(0), 1, 7)
	require.ErrorIs(t, err, types.ErrNoPenalty)
	got, err := c.k.Pardon(c.ctx, account(0), 1, 8)
	require.NoError(t, err)
	require.Equal(t, stake(105), got)
	require.EqualValues(t, 950, c.balance(0))
	_, until, err = c.k.Standing(c.ctx, account(0))
	require.NoError(t, err)
	require.True(t, until.IsZero())
	c.at(t, 200)
	require.Zero(t, c.burned(t))
	require.ErrorIs(t, c.k.Jail(c.ctx, account(9), after(1)), types.ErrNoWorker)
}

// A pardon of one slash leaves the jail terms of the others.
func TestPardonOfOneSlashOfThree(t *testing.T) {
	c := bonded(t)
	until := func() time.Time {
		_, until, err := c.k.Standing(c.ctx, account(0))
		require.NoError(t, err)
		return until
	}
	pardon := func(run uint64) {
		_, err := c.k.Pardon(c.ctx, account(0), run, 8)
		require.NoError(t, err)
	}
	for run, at := range map[uint64]int{1: 100, 2: 50} {
		c.slash(t, run, 8, account(3), at)
		require.NoError(t, c.k.Jail(c.ctx, account(0), after(at)))
	}
	pardon(1)
	require.Equal(t, after(50), until(), "run 2's")
	require.NoError(t, c.k.SuspendPenalties(c.ctx, 2, 8))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(10)))
	c.slash(t, 1, 8, account(3), 30)
	pardon(1)
	require.Equal(t, after(50), until(), "suspended, so its term stays")
	require.NoError(t, c.k.ResumePenalties(c.ctx, 2, after(900)))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(10)))
	c.slash(t, 1, 8, account(3), 30)
	pardon(1)
	require.Equal(t, after(50), until(), "a pardon lengthens nothing")
	pardon(2)
	require.True(t, until().IsZero())
}

// Suspended slashes wait for governance, however long that takes.
func TestSuspendedSlashes(t *testing.T) {
	c := bonded(t)
	c.slash(t, 1, 8, account(3), 10)
	c.slash(t, 2, 8, account(3), 10)
	require.NoError(t, c.k.SuspendPenalties(c.ctx, 1, 8))
	require.NoError(t, c.k.SuspendPenalties(c.ctx, 1, 8))
	c.at(t, 1000)
	require.EqualValues(t, 45, c.burned(t), "only run 2's")
	require.NoError(t, c.k.ResumePenalties(c.ctx, 2, after(1001)))
	require.NoError(t, c.k.ResumePenalties(c.ctx, 1, after(2000)))
	c.at(t, 1999)
	require.EqualValues(t, 45, c.burned(t))
	c.at(t, 2000)
	require.EqualValues(t, 45+95, c.burned(t))
}

func TestFine(t *testing.T) {
	c := bonded(t)
	pay := func(run uint64, n int64) sdk.Coin {
		got, err := c.k.Fine(c.ctx, account(0), run, stake(n), account(1))
		require.NoError(t, err)
		return got
	}
	require.Equal(t, stake(5), pay(1, 5))
	require.Equal(t, stake(0), pay(1, 0))
	require.Equal(t, stake(0), pay(9, 5))
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 1, after(10)))
	require.Equal(t, stake(100), pay(1, 500), "never more than the bond")
	require.EqualValues(t, 1105, c.balance(1))
	c.at(t, 10)
	require.EqualValues(t, 1000-155, c.balance(0))
	for _, wrong := range []sdk.Coin{sdk.NewInt64Coin("other", 1), {Denom: "stake", Amount: math.NewInt(-1)}} {
		_, err := c.k.Fine(c.ctx, account(0), 2, wrong, account(1))
		require.ErrorIs(t, err, types.ErrBond)
	}
}

// Of more slashes than a block executes the earliest go first, and the rest in the next blocks.
func TestExecutionsPerBlockAreBounded(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.register(t, 0, nodeKey(t)))
	const n = 300
	for i := range uint64(n) {
		require.NoError(t, c.k.LockBond(c.ctx, account(0), i, stake(1)))
		c.slash(t, i, 1, nil, n-int(i)) // run 299's is the first that is due
	}
	for block := range 3 {
		c.at(t, 1000)
		require.EqualValues(t, types.MaxUnlocks*(block+1), c.burned(t))
		left, err := c.q.Penalties(c.ctx, &types.QueryPenaltiesRequest{Pagination: &query.PageRequest{Limit: n}})
		require.NoError(t, err)
		require.Len(t, left.Penalties, n-types.MaxUnlocks*(block+1))
		for i, p := range left.Penalties {
			require.EqualValues(t, i, p.Run)
		}
	}
}

// What is taken for the same round later joins the slash that waits.
func TestSlashTwiceInARound(t *testing.T) {
	c := bonded(t)
	require.Equal(t, stake(105), c.slash(t, 1, 8, account(3), 10))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(15)))
	require.Equal(t, stake(15), c.slash(t, 1, 8, account(2), 20))
	c.at(t, 19)
	require.Zero(t, c.burned(t), "the later of two times")
	require.NoError(t, c.k.SuspendPenalties(c.ctx, 1, 8))
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 1, stake(10)))
	c.slash(t, 1, 8, nil, 30)
	c.at(t, 1000)
	require.Zero(t, c.burned(t), "still suspended")
	require.NoError(t, c.k.ResumePenalties(c.ctx, 1, after(1001)))
	c.at(t, 1001)
	require.EqualValues(t, 130-13, c.burned(t))
	require.EqualValues(t, 1013, c.balance(3))
	require.EqualValues(t, 1000, c.balance(2))
}

// A module's account cannot be a worker: its bond could not be paid back.
func TestBlockedAccountIsNoWorker(t *testing.T) {
	c := newChain(t)
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	_, err := c.msg.Register(c.ctx, &types.MsgRegister{Account: gov,
		Envelope: seal(t, nodeKey(t), types.Binding{ChainId: chainID, Account: gov})})
	require.ErrorIs(t, err, types.ErrInvalid)
}

// The query lists all slashes or one worker's.
func TestPenaltiesQuery(t *testing.T) {
	c := bonded(t)
	require.NoError(t, c.register(t, 1, nodeKey(t)))
	require.NoError(t, c.k.LockBond(c.ctx, account(1), 1, stake(7)))
	c.slash(t, 1, 8, nil, 10)
	c.slash(t, 2, 3, nil, 10)
	_, err := c.k.Slash(c.ctx, account(1), 1, 2, account(3), after(10), "FRAUD", digest.Digest{7})
	require.NoError(t, err)
	runs := func(worker string) (list [][2]uint64) {
		res, err := c.q.Penalties(c.ctx, &types.QueryPenaltiesRequest{Worker: worker})
		require.NoError(t, err)
		for _, p := range res.Penalties {
			list = append(list, [2]uint64{p.Run, p.Round})
		}
		return list
	}
	require.Equal(t, [][2]uint64{{1, 2}, {1, 8}, {2, 3}}, runs(""))
	require.Equal(t, [][2]uint64{{1, 8}, {2, 3}}, runs(account(0).String()))
	require.Equal(t, [][2]uint64{{1, 2}}, runs(account(1).String()))
	require.Empty(t, runs(account(2).String()))
}

// What is exported is the time that was left.
func TestGenesisKeepsTheTimeLeft(t *testing.T) {
	c := bonded(t)
	c.slash(t, 1, 8, account(3), 100)
	require.NoError(t, c.k.LockBond(c.ctx, account(0), 3, stake(20)))
	c.slash(t, 3, 8, account(3), 100)
	require.NoError(t, c.k.SuspendPenalties(c.ctx, 3, 8))
	require.NoError(t, c.k.Jail(c.ctx, account(0), after(100)))
	require.NoError(t, c.k.ReleaseBond(c.ctx, account(0), 2, after(40)))
	c.at(t, 30)
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())

	fresh := newChain(t)
	fresh.ctx = fresh.ctx.WithBlockTime(after(1030))
	require.NoError(t, fresh.bank.SendCoinsFromAccountToModule(fresh.ctx, account(0), types.ModuleName, sdk.NewCoins(stake(175))))
	require.NoError(t, fresh.k.InitGenesis(fresh.ctx, gs))
	_, until, err := fresh.k.Standing(fresh.ctx, account(0))
	require.NoError(t, err)
	require.Equal(t, after(1100), until)
	fresh.at(t, 1039)
	require.EqualValues(t, 825, fresh.balance(0))
	fresh.at(t, 1040)
	require.EqualValues(t, 875, fresh.balance(0))
	fresh.at(t, 1099)
	require.Zero(t, fresh.burned(t))
	fresh.at(t, 1100)
	require.EqualValues(t, 95, fresh.burned(t))
	fresh.at(t, 100_000)
	require.EqualValues(t, 20, fresh.bank.GetBalance(fresh.ctx, authtypes.NewModuleAddress(types.ModuleName), "stake").Amount.Int64(),
		"suspended")
	res, err := fresh.q.Penalties(fresh.ctx, &types.QueryPenaltiesRequest{})
	require.NoError(t, err)
	require.Len(t, res.Penalties, 1)
	burned, err := fresh.q.Burned(fresh.ctx, &types.QueryBurnedRequest{})
	require.NoError(t, err)
	require.Equal(t, []sdk.Coin{stake(95)}, burned.Burned)

	for what, lie := range map[string]func(*types.GenesisState){
		"stranger": func(g *types.GenesisState) { g.Penalties[0].Worker = account(9).String() },
		"nothing":  func(g *types.GenesisState) { g.Penalties[0].Amount = stake(0) },
		"twice":    func(g *types.GenesisState) { g.Penalties[0] = g.Penalties[1] },
		"finder":   func(g *types.GenesisState) { g.Penalties[0].Finder = "x" },
		"burned":   func(g *types.GenesisState) { g.Burned = []sdk.Coin{stake(0)} },
	} {
		g, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		lie(g)
		require.Error(t, g.Validate(), what)
	}
}
