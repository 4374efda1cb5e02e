package keeper_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	errorsmod "cosmossdk.io/errors"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

func errorIsAny(err error, any ...error) bool {
	for _, target := range any {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// TestRun plays a whole run: three rounds, the evaluation of the start, pay,
// shares, claims and the refund.
func TestRun(t *testing.T) {
	c := newChain(t)
	c.open()
	c.enrol("t1", "t2", "t3")
	c.ready("v1", "v2")
	for c.run().Run.Status != types.STATUS_ENDED {
		idle := ""
		if c.run().Run.Current == 2 {
			idle = "t3" // late in round 2
		}
		c.work(idle)
		require.Less(t, c.ctx.BlockHeight(), int64(200))
	}
	run := c.run()
	require.Nil(t, run.Current)
	require.Equal(t, types.END_REASON_ROUNDS, run.Run.End)
	require.Equal(t, uint32(3), run.Run.Finals)
	require.Zero(t, c.rest.openRun)
	require.Empty(t, c.rest.bonds, "every bond was released")
	require.Equal(t, map[digest.Digest]uint64{
		{1}: 1_500_000, {7, 1}: 1_400_000, {7, 2}: 1_300_000, {7, 3}: 1_200_000,
	}, c.rest.evals, "the checkpoint before training is evaluated too")
	for _, part := range c.parts(2) {
		late := part.Trainer == addr("t3").String()
		require.Equal(t, late, part.Reason == types.REASON_LATE, part)
		require.Equal(t, late, part.Pay == 0)
	}
	// Round 2 paid two thirds to trainers, owner and data; the rest went back.
	unpaid := uint64(233 + 20 + 13)
	require.Equal(t, types.Escrow{Owed: budget - unpaid, Refunded: unpaid}, run.Run.Escrow)
	c.claimAll(t, budget-unpaid)
}

func (c *chain) claimAll(t *testing.T, want uint64) {
	sum := uint64(0)
	for _, name := range []string{"t1", "t2", "t3", "v1", "v2", "owner", "data"} {
		owed, err := c.q.Owed(c.ctx, &types.QueryOwedRequest{Account: addr(name).String()})
		require.NoError(t, err)
		res, err := c.msg.ClaimPay(c.ctx, &types.MsgClaimPay{Account: addr(name).String()})
		require.NoError(t, err, name)
		require.Equal(t, owed.Amount.Amount.Uint64(), res.Amount)
		require.Equal(t, res.Amount, c.rest.balances[addr(name).String()].Uint64())
		require.True(t, c.rest.shares[addr(name).String()].IsPositive(), name)
		sum += res.Amount
		_, err = c.msg.ClaimPay(c.ctx, &types.MsgClaimPay{Account: addr(name).String()})
		require.ErrorIs(t, err, types.ErrNothingOwed)
	}
	require.Equal(t, want, sum)
	require.True(t, c.rest.module.IsZero(), "the module account is empty: %s", c.rest.module)
}

// TestOpenRun: what governance cannot do.
func TestOpenRun(t *testing.T) {
	c := newChain(t)
	open := func(authority string, spec types.RunSpec) error {
		_, err := c.msg.OpenRun(c.ctx, &types.MsgOpenRun{Authority: authority, Spec: spec})
		return err
	}
	good := types.SpecOf(testSpec())
	require.Error(t, open(addr("t1").String(), good))
	require.ErrorIs(t, open(gov, good), types.ErrNotApproved)

	bad := good
	bad.Batch, bad.MinTrainers, bad.Numerics, bad.Split.Data, bad.DataOwner = 0, 9, "float64", 1, "nobody"
	err := open(gov, bad)
	require.ErrorIs(t, err, types.ErrSpec)
	for _, field := range []string{"batch", "min_trainers", "numerics", "split", "data_owner"} {
		require.ErrorContains(t, err, field)
	}
	bad = good
	bad.Tokens = "short"
	require.ErrorIs(t, open(gov, bad), types.ErrInvalid)

	c.rest.treasury = math.NewInt(budget - 1)
	c.rest.approved[testSpec().Digest()] = true
	require.ErrorContains(t, open(gov, good), "short")
}

// TestExportImport exports in the middle of every phase, of reviews and of
// disputes, goes on with the copy an hour later, and expects the same end: what
// is exported is the time that was left.
func TestExportImport(t *testing.T) {
	const stopped = time.Hour
	play := func(exportAt int) (string, string) {
		c := newChain(t)
		c.open()
		c.enrol("t1", "t2", "t3")
		c.ready("v1", "v2", "v3")
		c.forger = "t2"
		phase := ""
		for step := 0; c.run().Run.Status != types.STATUS_ENDED; step++ {
			if step == exportAt {
				phase = c.phases()
				c = c.reimport(t, stopped)
			}
			c.work("v3")
			require.Less(t, step, 300)
		}
		end, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		if phase != "" {
			end.Shift(-stopped)
		}
		end.Time = nil
		bz, err := json.Marshal(end)
		require.NoError(t, err)
		return string(bz), phase
	}
	want, _ := play(-1)
	phases := map[string]bool{}
	for at := range 40 {
		got, phase := play(at)
		require.Equal(t, want, got, "exported at step %d, %s", at, phase)
		phases[phase] = true
	}
	all := strings.Join(slices.Collect(maps.Keys(phases)), " ")
	for _, phase := range []string{"WAITING", "PHASE_TRAIN", "PHASE_PUBLISH", "PHASE_ATTEST", "PHASE_REVIEW", "PHASE_DISPUTE"} {
		require.Contains(t, all, phase)
	}
}

// phases names the phases of all live rounds.
func (c *chain) phases() string {
	run, names := c.run(), "WAITING"
	if run.Current != nil {
		names = run.Current.Phase.String()
	}
	for _, number := range run.Run.Unsettled {
		res, err := c.q.Round(c.ctx, &types.QueryRoundRequest{Run: 1, Round: number})
		require.NoError(c.t, err)
		names += " " + res.Round.Phase.String()
	}
	return names
}

func (c *chain) reimport(t *testing.T, later time.Duration) *chain {
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	bz, err := gs.Marshal()
	require.NoError(t, err)
	var read types.GenesisState
	require.NoError(t, read.Unmarshal(bz))
	fresh := withRest(t, c.rest, c.ctx.BlockTime().Add(later))
	fresh.forger = c.forger
	fresh.ctx = fresh.ctx.WithBlockHeight(c.ctx.BlockHeight())
	require.NoError(t, fresh.k.InitGenesis(fresh.ctx, &read))
	return fresh
}

// TestRefusals: what people see when they are late, poor, unknown or double.
func TestRefusals(t *testing.T) {
	c := newChain(t)
	_, err := c.msg.Enrol(c.ctx, &types.MsgEnrol{Trainer: addr("t1").String(), Run: 1, Slots: 1})
	require.ErrorIs(t, err, types.ErrNoRun)
	c.open()
	_, err = c.msg.Enrol(c.ctx, &types.MsgEnrol{Trainer: addr("stranger").String(), Run: 1, Slots: 1})
	require.ErrorIs(t, err, types.Registered(protocol.ErrStanding))
	_, err = c.msg.Enrol(c.ctx, &types.MsgEnrol{Trainer: addr("poor").String(), Run: 1, Slots: 1})
	codespace, code, _ := errorsmod.ABCIInfo(err, false) // what a client sees: it waits for coins
	require.Equal(t, sdkerrors.ErrInsufficientFunds.Codespace(), codespace)
	require.Equal(t, sdkerrors.ErrInsufficientFunds.ABCICode(), code)
	require.ErrorContains(t, err, "insufficient")
	_, err = c.msg.Ready(c.ctx, &types.MsgReady{Attester: addr("t1").String(), Run: 1})
	require.ErrorIs(t, err, types.Registered(protocol.ErrStanding))

	c = newChain(t)
	c.open()
	c.enrol("t1", "t2")
	_, err = c.msg.Enrol(c.ctx, &types.MsgEnrol{Trainer: strings.ToUpper(addr("t1").String()), Run: 1, Slots: 1})
	require.ErrorIs(t, err, types.Registered(protocol.ErrDuplicate), "an address in capitals is the same account")
	c.ready("v1")
	c.advance(time.Second)
	part := c.parts(1)[0]
	late := c.ctx.BlockTime().Add(100 * time.Second)
	c.ctx = c.ctx.WithBlockTime(late)
	require.ErrorIs(t, c.commit(part, part.Slots[0], 4), types.Registered(protocol.ErrDeadline))
	c.ctx = c.ctx.WithBlockTime(late.Add(-time.Nanosecond))
	require.ErrorIs(t, c.commit(part, part.Slots[0], 1), types.ErrInvalid)
	require.NoError(t, c.commit(part, part.Slots[0], 2))
	require.ErrorIs(t, c.commit(part, part.Slots[0], 4), types.Registered(protocol.ErrDuplicate))
}

// TestKnownCheckpoint: a result that the lineage would not take is refused at
// the reveal, before it can stop the run.
func TestKnownCheckpoint(t *testing.T) {
	c := newChain(t)
	c.open()
	c.enrol("t1", "t2")
	c.ready("v1")
	c.rest.known[digest.Digest{7, 1}] = true
	for range 4 {
		c.work("v1")
	}
	for c.run().Current.Phase != types.PHASE_ATTEST {
		c.workOn(*c.run().Current, nil)
		c.advance(time.Second)
	}
	round := *c.run().Current
	outcome := c.outcome(round)
	v1 := addr("v1").String()
	blind := protocol.Blind(protocol.Account(v1), 1, 1, outcome.Checkpoint, outcome.Root())
	_, err := c.msg.Attest(c.ctx, &types.MsgAttest{Attester: v1, Run: 1, Round: 1, Blind: blind.Text()})
	require.NoError(t, err)
	c.advance(time.Second)
	_, err = c.msg.Reveal(c.ctx, &types.MsgReveal{Attester: v1, Run: 1, Round: 1, Outcome: types.OutcomeOf(outcome)})
	require.ErrorContains(t, err, "known")
}

// TestFault: a run that cannot be moved on is set aside whole, with the reason,
// and goes on when governance resumes it.
func TestFault(t *testing.T) {
	c := newChain(t)
	c.open()
	c.enrol("t1", "t2")
	c.ready("v1")
	for len(c.run().Run.Unsettled) == 0 || c.run().Run.Unsettled[0] != 1 {
		c.work()
	}
	c.rest.broken = errors.New("model is broken")
	c.work()
	c.work()
	c.work()
	run := c.run().Run
	require.Contains(t, run.Fault, "model is broken")
	c.rest.broken = nil
	_, err := c.msg.ResumeRun(c.ctx, &types.MsgResumeRun{Authority: gov, Run: 1})
	require.NoError(t, err)
	for c.run().Run.Status != types.STATUS_ENDED {
		c.work()
	}
	require.Empty(t, c.run().Run.Fault)
	require.Equal(t, uint32(3), c.run().Run.Finals)
}

// TestSharesRefused: an account that cannot hold shares is paid all the same,
// and the run goes on.
func TestSharesRefused(t *testing.T) {
	c := newChain(t)
	c.open()
	c.rest.noShares[data.String()] = true
	c.enrol("t1", "t2")
	c.ready("v1")
	for c.run().Run.Status != types.STATUS_ENDED {
		c.work()
	}
	require.Empty(t, c.run().Run.Fault)
	_, err := c.msg.ClaimPay(c.ctx, &types.MsgClaimPay{Account: data.String()})
	require.NoError(t, err)
	require.True(t, value(c.rest.shares, data).IsZero())
}

// TestGovernance: pause, resume, cancel and parameters.
func TestGovernance(t *testing.T) {
	c := newChain(t)
	c.open()
	c.enrol("t1", "t2")
	c.ready("v1")
	_, err := c.msg.PauseRun(c.ctx, &types.MsgPauseRun{Authority: addr("t1").String(), Run: 1})
	require.Error(t, err)
	_, err = c.msg.PauseRun(c.ctx, &types.MsgPauseRun{Authority: gov, Run: 1})
	require.NoError(t, err)
	c.work()
	require.Nil(t, c.run().Current, "paused: no new TRAIN")
	_, err = c.msg.ResumeRun(c.ctx, &types.MsgResumeRun{Authority: gov, Run: 1})
	require.NoError(t, err)
	c.work()
	require.Equal(t, types.PHASE_TRAIN, c.run().Current.Phase)
	_, err = c.msg.CancelRun(c.ctx, &types.MsgCancelRun{Authority: gov, Run: 1})
	require.NoError(t, err)
	for c.run().Run.Status != types.STATUS_ENDED {
		c.work()
	}
	require.Equal(t, uint64(1000), c.run().Run.Escrow.Owed, "the round under way was paid")
	require.Equal(t, uint64(2000), c.run().Run.Escrow.Refunded)

	params := types.DefaultParams()
	params.MaxAdvances = 0
	_, err = c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: gov, Params: params})
	require.ErrorIs(t, err, types.ErrInvalid)
	params = types.DefaultParams()
	params.Denom = "other"
	_, err = c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: gov, Params: params})
	require.ErrorIs(t, err, types.ErrInvalid, "money is owed in the old denom")
	params = types.DefaultParams()
	params.EvidenceWindow = time.Hour
	_, err = c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: gov, Params: params})
	require.NoError(t, err)
}
