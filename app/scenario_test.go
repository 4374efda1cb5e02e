package app_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/network"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

const model = "tiny"

// story is a whole run on a chain of one validator, told by honest people. Nobody trains: digests are made up.
type story struct {
	t                                *testing.T
	ctx                              context.Context
	n                                *network.Network
	c                                client.Context
	owner, trainer1, trainer2, buyer network.Account
	attester                         network.Account
	phases                           map[roundtypes.Phase]int64 // height at which each phase was first seen
}

func coin(n int64) sdk.Coin { return sdk.NewInt64Coin(app.BondDenom, n) }

// tell plays the story on a new network, whose options it gets.
func tell(t *testing.T, o network.Options) *story {
	s := &story{
		t: t, phases: map[roundtypes.Phase]int64{}, owner: network.NewAccount("owner"), trainer1: network.NewAccount("trainer1"),
		trainer2: network.NewAccount("trainer2"), attester: network.NewAccount("attester"), buyer: network.NewAccount("buyer"),
	}
	o.Accounts = []network.Account{s.owner, s.trainer1, s.trainer2, s.attester, s.buyer}
	o.VotingPeriod = 500 * time.Millisecond
	o.Genesis = shortEvidence
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	var err error
	s.n, err = network.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.n.Close()) })
	s.c, err = s.n.Context(0)
	require.NoError(t, err)
	s.prepare()
	s.open()
	s.train()
	s.earn()
	return s
}

// shortEvidence lets bonds come back while the story goes on.
func shortEvidence(cdc codec.JSONCodec, state map[string]json.RawMessage) error {
	var g roundtypes.GenesisState
	if err := cdc.UnmarshalJSON(state[roundtypes.ModuleName], &g); err != nil {
		return err
	}
	g.Params.EvidenceWindow = 100 * time.Millisecond
	raw, err := cdc.MarshalJSON(&g)
	state[roundtypes.ModuleName] = raw
	return err
}

func (s *story) send(from network.Account, msgs ...sdk.Msg) {
	s.t.Helper()
	_, err := s.n.Send(s.ctx, from, msgs...)
	require.NoError(s.t, err)
}

// prepare registers the model and the workers.
func (s *story) prepare() {
	named := func(b byte) string { return digest.Digest{b}.Text() }
	s.send(s.owner, &modeltypes.MsgCreateModel{
		Owner: s.owner.String(), Name: model, Base: named(1), Tokenizer: named(2), Genesis: named(3), GenesisSize: 1,
		Adapter: modeltypes.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj"}}, Licence: "Apache-2.0", MaxShares: 1000,
	}, &modeltypes.MsgFund{Funder: s.owner.String(), Model: model, Amount: coin(2_000_000)})
	for _, w := range []network.Account{s.trainer1, s.trainer2, s.attester} {
		key, _, err := crypto.GenerateEd25519Key(rand.Reader)
		require.NoError(s.t, err)
		envelope, err := (&workertypes.Binding{ChainId: s.n.ChainID(), Account: w.String()}).Seal(key)
		require.NoError(s.t, err)
		s.send(w, &workertypes.MsgRegister{Account: w.String(), Envelope: envelope})
	}
	op := s.n.Nodes[0].Operator
	s.send(op, &workertypes.MsgLinkValidator{Operator: op.ValAddress().String(), Worker: s.attester.String()})
}

func (s *story) spec() protocol.RunSpec {
	return protocol.RunSpec{
		Model: model, Tokens: digest.Digest{2}, Eval: digest.Digest{3}, EvalEvery: 1, SeqLen: 64, InnerSteps: 4, Batch: 2,
		Inner: protocol.AdamW{LR: 1, Eps: 10, Clip: protocol.Nano, Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: protocol.Nano}, Loss: protocol.LossSFT, Numerics: protocol.NumericsF32, Codec: protocol.CodecQ4,
		TrainTime: time.Minute, PublishTime: time.Minute, AttestTime: time.Minute, ReviewTime: time.Minute, Grace: 10 * time.Second,
		MaxWait:     time.Minute,
		MinTrainers: 2, MaxTrainers: 3, MaxSlots: 2, MinSteps: 2, Audits: 2, MinAttesters: 1, MaxMisses: 2, MaxUnsettled: 2,
		BondPerSlot: 10, Rounds: 2, Budget: 1_500_000, RewardPerRound: 500_000, SharesPerRound: 100,
		Split: protocol.Split{Trainers: 7000, Attesters: 2000, Owner: 1000},
	}
}

// open lets a vote open the run, with the owner's approval.
func (s *story) open() {
	spec := s.spec()
	s.send(s.owner, &modeltypes.MsgApproveRun{Owner: s.owner.String(), Model: model, Spec: spec.Digest().Text()})
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	_, err := s.n.Propose(s.ctx, "train tiny", &roundtypes.MsgOpenRun{Authority: gov, Spec: roundtypes.SpecOf(spec)})
	require.NoError(s.t, err)
	for _, w := range []network.Account{s.trainer1, s.trainer2} {
		s.send(w, &roundtypes.MsgEnrol{Trainer: w.String(), Run: 1, Slots: 1})
	}
	s.send(s.attester, &roundtypes.MsgReady{Attester: s.attester.String(), Run: 1})
}

// earn claims pay, sells shares, deposits revenue and claims it.
func (s *story) earn() {
	s.send(s.trainer1, &roundtypes.MsgClaimPay{Account: s.trainer1.String()})
	s.send(s.trainer1, banktypes.NewMsgSend(s.trainer1.Address(), s.buyer.Address(),
		sdk.NewCoins(sdk.NewInt64Coin(sharetypes.DenomPrefix+model, 10))))
	s.send(s.owner, &sharetypes.MsgDeposit{Depositor: s.owner.String(), Model: model, Amount: coin(12_345)})
	for _, a := range []network.Account{s.buyer, s.trainer2} {
		s.send(a, &sharetypes.MsgClaim{Holder: a.String(), Model: model})
	}
}
