package app_test

import (
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

const variants = 8

// variant is one of the specs that owners and votes agree on: from the treasury, from the community pool, from both, for shares alone, with
// an end time, with a data owner.
func (c *crowd) variant(model string, n int) protocol.RunSpec {
	s := protocol.RunSpec{
		Model: model, Tokens: made("tokens"), SeqLen: 64, InnerSteps: 6, Segment: 2, Batch: 2,
		Inner: protocol.AdamW{LR: 1, Eps: 10, Clip: protocol.Nano, Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: protocol.Nano}, Loss: protocol.LossSFT, Numerics: protocol.NumericsF32, Codec: protocol.CodecQ4,
		TrainTime: time.Minute, PublishTime: time.Minute, AttestTime: time.Minute, ReviewTime: time.Minute, Grace: 10 * time.Second,
		MaxWait:     20 * time.Minute,
		MinTrainers: 2, MaxTrainers: 4, MaxSlots: 2, MinSteps: 2, Audits: uint32(1 + n%3), MinAttesters: uint32(1 + n%2), MaxMisses: 2,
		MaxUnsettled: uint32(1 + n%3),
		BondPerSlot:  10_000, Rounds: uint32(2 + n%3), Budget: 1_300_001, RewardPerRound: 300_001, SharesPerRound: 97,
		Split: protocol.Split{Trainers: 7000, Attesters: 2000, Owner: 1000},
	}
	if n%2 == 1 {
		s.EvalEvery, s.Eval = uint32(1+n%3), made("eval")
	}
	switch n {
	case 1, 7:
		s.Community = s.Budget
	case 2, 6:
		s.Community = s.Budget / 3
	case 3:
		s.MaxLength = 40 * time.Minute
	case 4:
		s.Budget, s.RewardPerRound, s.MaxLength = 0, 0, 0
	case 5:
		s.Split, s.DataOwner = protocol.Split{Trainers: 6001, Attesters: 1999, Owner: 1000, Data: 1000}, protocol.Account(c.buyers[0].String())
	}
	return s
}

// govern is a message that a vote carries out.
func (c *crowd) govern(ctx sdk.Context) sdk.Msg {
	runs := read(c.rounds.Runs(ctx, &roundtypes.QueryRunsRequest{Pagination: everything})).Runs
	for _, i := range c.Perm(len(runs)) {
		if runs[i].Status == roundtypes.STATUS_PAUSED && !c.one(3) {
			return &roundtypes.MsgResumeRun{Authority: govAddress, Run: runs[i].Id}
		}
	}
	if m := c.open(ctx); m != nil && !c.one(4) {
		return m
	}
	switch n := c.IntN(24); {
	case n == 7:
		return c.params()
	case n == 8 && len(runs) > 0:
		return &roundtypes.MsgPauseRun{Authority: govAddress, Run: pick(c, runs).Id}
	case n == 9 && len(runs) > 0:
		return &roundtypes.MsgCancelRun{Authority: govAddress, Run: pick(c, runs).Id}
	case n == 10 && len(runs) > 0: // somebody plays government
		return &roundtypes.MsgCancelRun{Authority: c.anybody(), Run: pick(c, runs).Id}
	}
	return nil
}

// open opens a run whose spec is approved.
func (c *crowd) open(ctx sdk.Context) sdk.Msg {
	for _, m := range read(c.models.Models(ctx, &modeltypes.QueryModelsRequest{Pagination: everything})).Models {
		for _, n := range c.Perm(variants) {
			spec := c.variant(m.Name, n)
			res, err := c.models.Approval(ctx, &modeltypes.QueryApprovalRequest{Model: m.Name, Spec: spec.Digest().String()})
			if err == nil && res.Approved && (m.OpenRun == 0 || c.one(20)) {
				return &roundtypes.MsgOpenRun{Authority: govAddress, Spec: roundtypes.SpecOf(spec)}
			}
		}
	}
	return nil
}

func (c *crowd) pardon(ctx sdk.Context) sdk.Msg {
	list := read(c.workers.Penalties(ctx, &workertypes.QueryPenaltiesRequest{Pagination: everything})).Penalties
	if len(list) == 0 {
		return nil
	}
	p := pick(c, list)
	return &roundtypes.MsgPardon{Authority: govAddress, Run: p.Run, Round: p.Round, Account: c.spelled(p.Worker)}
}

func (c *crowd) params() sdk.Msg {
	switch c.IntN(3) {
	case 0:
		return &modeltypes.MsgUpdateParams{Authority: govAddress, Params: modeltypes.Params{MinFunding: coin(pick(c, []int64{1, 1_000_000}))}}
	case 1:
		return &sharetypes.MsgUpdateParams{Authority: govAddress, Params: sharetypes.Params{
			MinDeposits: sdk.NewCoins(coin(pick(c, []int64{1, 1000}))), StreamTime: pick(c, []time.Duration{0, time.Second, streaming}),
		}}
	default:
		p := roundtypes.DefaultParams()
		p.EvidenceWindow, p.Deposit = pick(c, []time.Duration{0, time.Minute, evidence}), pick(c, []uint64{deposit, deposit + 500})
		p.Fine, p.MaxAdvances = pick(c, []uint32{1, 1000, 9000, 10_000}), pick(c, []uint32{1, 64})
		p.Floor = roundtypes.Floor{Trainers: 1 + c.Uint32N(3), Attesters: 1 + c.Uint32N(4),
			BondedStake: pick(c, []uint64{0, 50_000_000, 100_000_001})}
		return &roundtypes.MsgUpdateParams{Authority: govAddress, Params: p}
	}
}
