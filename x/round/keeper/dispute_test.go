package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// started is a chain whose first round is under way, with three trainers and
// three attesters.
func started(t testing.TB, forger string) *chain {
	c := newChain(t)
	c.open()
	c.enrol("t1", "t2", "t3")
	c.ready("v1", "v2", "v3")
	c.forger = forger
	return c
}

func (c *chain) until(what string, so func() bool) {
	for range 200 {
		if so() {
			return
		}
		c.work()
	}
	c.t.Fatalf("never: %s", what)
}

func (c *chain) round(number uint64) types.Round {
	res, err := c.q.Round(c.ctx, &types.QueryRoundRequest{Run: 1, Round: number})
	if err != nil {
		return types.Round{}
	}
	return res.Round
}

func (c *chain) settled(number uint64) func() bool {
	return func() bool { return c.round(number).Phase == types.PHASE_SETTLED }
}

// TestFraud: the forger's bond is slashed and nobody else loses anything; the
// pay it was not given is still there, the checkpoint is tainted, and
// governance can pardon.
func TestFraud(t *testing.T) {
	c := started(t, "t2")
	c.until("round 1 is settled", c.settled(1))
	require.Len(t, c.rest.penalties, 1)
	require.Contains(t, c.rest.penalties[0], "run 1 round 1: 10 of t2 for FRAUD, found by v")
	require.Equal(t, map[digest.Digest]protocol.Account{{7, 1}: protocol.Account(addr("t2").String())}, c.rest.tainted)
	require.Equal(t, c.ctx.BlockTime().Add(types.DefaultParams().EvidenceWindow), c.rest.jailed[addr("t2").String()])
	for _, part := range c.parts(1) {
		forged := part.Trainer == addr("t2").String()
		require.Equal(t, forged, part.Reason == types.REASON_FRAUD, part)
		require.Equal(t, forged, part.Pay == 0, part)
		require.False(t, part.Held)
	}
	require.Len(t, c.run().Run.Trainers, 2)
	why, err := c.q.Part(c.ctx, &types.QueryPartRequest{Run: 1, Round: 1, Trainer: addr("t2").String()})
	require.NoError(t, err)
	ruling, err := c.dispute(1).Ruling.Protocol()
	require.NoError(t, err)
	digest := ruling.Digest()
	require.Equal(t, []string{digest.Text()}, why.Evidence)
	require.Contains(t, why.Fix, "pardon")

	_, err = c.msg.Pardon(c.ctx, &types.MsgPardon{Authority: addr("t2").String(), Run: 1, Round: 1, Account: addr("t2").String()})
	require.Error(t, err)
	_, err = c.msg.Pardon(c.ctx, &types.MsgPardon{Authority: gov, Run: 1, Round: 1, Account: addr("t2").String()})
	require.NoError(t, err)
	require.Equal(t, "pardon t2 run 1 round 1", c.rest.penalties[1])
	require.Empty(t, c.rest.tainted)
}

// TestFalseAccusations: what a deposit and a false verdict cost, to the unit.
func TestFalseAccusations(t *testing.T) {
	c := started(t, "")
	c.until("round 1 is settled", c.settled(1))
	mine := c.slotOf("t1")
	accuse := func(accuser string, slot uint32) error {
		ctx, write := c.ctx.CacheContext() // a transaction that fails changes nothing
		_, err := c.msg.Dispute(ctx, &types.MsgDispute{Accuser: addr(accuser).String(), Run: 1, Round: 1, Trainer: addr("t1").String(),
			Slot: slot})
		if err == nil {
			write()
		}
		return err
	}
	require.ErrorContains(t, accuse("poor", mine), "insufficient funds")
	require.ErrorIs(t, accuse("module", mine), types.ErrInvalid)
	require.ErrorIs(t, accuse("x", c.slotOf("t2")), types.Registered(protocol.ErrNotMember))
	require.NoError(t, accuse("x", mine))
	require.ErrorIs(t, accuse("x", mine), types.Registered(protocol.ErrDuplicate))
	require.Equal(t, math.NewInt(-10_000_000), c.rest.balances[addr("x").String()])
	before := map[string]uint64{}
	for _, n := range []string{"t1", "v1", "v2", "v3"} {
		before[n] = c.owed(n)
	}
	c.until("the dispute is decided", c.settled(1))
	c.until("the dispute is decided", func() bool { return c.dispute(1).Outcome != 0 })
	require.Equal(t, types.DISPUTE_OUTCOME_REFUTED, c.dispute(1).Outcome)
	gained := map[string]uint64{}
	for n, was := range before {
		gained[n] = c.owed(n) - was
	}
	require.Equal(t, uint64(5_000_000), gained["t1"]-gained["t1"]%1000, "half of the deposit, and pay of later rounds")
	require.GreaterOrEqual(t, gained["v1"]+gained["v2"]+gained["v3"], uint64(5_000_000))
	require.Empty(t, c.rest.penalties)
	require.ErrorIs(t, accuse("x", mine), types.Registered(protocol.ErrDuplicate))
}

// slotOf is the trainer's slot in round 1.
func (c *chain) slotOf(name string) uint32 {
	for _, part := range c.parts(1) {
		if part.Trainer == addr(name).String() {
			return part.Slots[0].Index
		}
	}
	c.t.Fatalf("%s has no slot", name)
	return 0
}

func (c *chain) owed(name string) uint64 {
	res, err := c.q.Owed(c.ctx, &types.QueryOwedRequest{Account: addr(name).String()})
	require.NoError(c.t, err)
	return res.Amount.Amount.Uint64()
}

func (c *chain) dispute(round uint64) types.Dispute {
	res, err := c.q.Disputes(c.ctx, &types.QueryDisputesRequest{Run: 1, Round: round})
	require.NoError(c.t, err)
	require.Len(c.t, res.Disputes, 1)
	return res.Disputes[0]
}

// TestPrune: when its evidence window is over, a round keeps what became of
// everybody and nothing else, and the chain looks at an ended run no more.
func TestPrune(t *testing.T) {
	c := started(t, "t2")
	c.until("the run has ended", func() bool { return c.run().Run.Status == types.STATUS_ENDED })
	was := c.parts(1)
	c.advance(types.DefaultParams().EvidenceWindow - time.Minute)
	require.NotEmpty(t, c.parts(1)[0].Slots)
	require.False(t, c.round(1).Pruned)
	_, err := c.msg.Dispute(c.ctx, &types.MsgDispute{Accuser: addr("x").String(), Run: 1, Round: 1, Trainer: addr("t2").String(),
		Slot: c.slotOf("t2")})
	require.ErrorIs(t, err, types.Registered(protocol.ErrDuplicate))

	c.advance(time.Hour)
	c.advance(time.Second)
	r := c.round(1)
	require.True(t, r.Pruned)
	require.Empty(t, r.Seats)
	require.Empty(t, r.Result.Contributions)
	require.NotEmpty(t, r.Root)
	for i, part := range c.parts(1) {
		require.Empty(t, part.Slots)
		require.Equal(t, was[i].Reason, part.Reason)
		require.Equal(t, was[i].Pay, part.Pay)
	}
	res, err := c.q.Disputes(c.ctx, &types.QueryDisputesRequest{Run: 1, Round: 1})
	require.NoError(t, err)
	require.Empty(t, res.Disputes)
	require.True(t, c.run().Run.Wake.IsZero(), "the run is looked at again at %s", c.run().Run.Wake)
	_, err = c.msg.Dispute(c.ctx, &types.MsgDispute{Accuser: addr("x").String(), Run: 1, Round: 1, Trainer: addr("t1").String(), Slot: 0})
	require.ErrorIs(t, err, types.Registered(protocol.ErrDeadline))
	c.reimport(t, 0)
}

// TestCommunityMoney: the pool's part goes in, needs the chain's floor of
// people and stake, earns the owner nothing, and what is left goes back.
func TestCommunityMoney(t *testing.T) {
	c := newChain(t)
	p := types.DefaultParams()
	p.Floor = types.Floor{Trainers: 3, Attesters: 2, BondedStake: 30}
	require.NoError(t, c.k.InitGenesis(c.ctx, &types.GenesisState{Params: p}))
	spec := testSpec()
	spec.Community, spec.MinTrainers = 2000, 1
	c.rest.approved[spec.Digest()] = true
	_, err := c.msg.OpenRun(c.ctx, &types.MsgOpenRun{Authority: gov, Spec: types.SpecOf(spec)})
	require.NoError(t, err)
	require.Equal(t, math.NewInt(8_000), c.rest.community)
	require.Equal(t, math.NewInt(9_000), c.rest.treasury)

	c.enrol("t1", "t2")
	c.ready("v1", "v2")
	c.advance(time.Second)
	require.Nil(t, c.run().Current, "two trainers, the chain wants three")
	c.enrol("t3")
	c.advance(time.Second)
	require.Nil(t, c.run().Current, "a stake of 20, the chain wants 30")
	c.ready("v3")
	c.advance(time.Second)
	require.NotNil(t, c.run().Current)
	c.until("the run has ended", func() bool { return c.run().Run.Status == types.STATUS_ENDED })
	// 6 % of 1000 for the owner, a third of it from the treasury, three rounds.
	require.Equal(t, uint64(60), c.owed("owner"))
	left := uint64(3*1000 - 3*(700+200+20+40))
	require.Equal(t, left, c.run().Run.Escrow.Refunded)
	require.Equal(t, math.NewIntFromUint64(8_000+left*2/3), c.rest.community)
	require.Equal(t, math.NewIntFromUint64(9_000+left/3), c.rest.treasury)
}

// TestManyDue: ten thousand runs are due at one time. Every block does a
// bounded part, in order, and all of them are done.
func TestManyDue(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand runs")
	}
	const runs = 10_000
	c := newChain(t)
	c.open()
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	one := gs.Runs[0]
	due := c.ctx.BlockTime().Add(time.Minute)
	for id := uint64(2); id <= runs; id++ {
		run := one
		run.Id = id
		gs.Runs = append(gs.Runs, run)
	}
	for i := range gs.Runs {
		gs.Runs[i].Wake = due
		gs.Runs[i].Status, gs.Runs[i].End = types.STATUS_ENDING, types.END_REASON_CANCELLED
		gs.Runs[i].Escrow = types.Escrow{Free: budget}
	}
	c.rest.module = math.NewInt(runs * budget)
	c2 := withRest(t, c.rest, c.ctx.BlockTime())
	require.NoError(t, c2.k.InitGenesis(c2.ctx, gs))
	c2.ctx = c2.ctx.WithBlockTime(due)
	done, blocks, worst := uint64(0), 0, time.Duration(0)
	for done < runs {
		start := time.Now()
		c2.ctx = c2.ctx.WithBlockHeight(c2.ctx.BlockHeight() + 1)
		require.NoError(t, c2.k.EndBlock(c2.ctx))
		worst = max(worst, time.Since(start))
		blocks++
		for id := done + 1; id <= min(done+64, runs); id++ {
			res, err := c2.q.Run(c2.ctx, &types.QueryRunRequest{Run: id})
			require.NoError(t, err)
			require.Equal(t, types.STATUS_ENDED, res.Run.Status, "run %d after %d blocks", id, blocks)
		}
		done = min(done+64, runs)
		if done < runs {
			res, err := c2.q.Run(c2.ctx, &types.QueryRunRequest{Run: done + 1})
			require.NoError(t, err)
			require.Equal(t, types.STATUS_ENDING, res.Run.Status, "run %d is not yet its turn", done+1)
		}
	}
	require.Equal(t, (runs+63)/64, blocks)
	require.NoError(t, c2.k.CheckInvariants(c2.ctx))
	fmt.Printf("%d runs due at once: %d blocks, the longest end of a block took %s\n", runs, blocks, worst)
}
