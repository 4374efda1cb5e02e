package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/keeper"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

const (
	model  = "tiny"
	budget = 3000
)

var (
	gov   = authtypes.NewModuleAddress(govtypes.ModuleName).String()
	owner = addr("owner")
	data  = addr("data")
)

func addr(name string) sdk.AccAddress { return sdk.AccAddress(fmt.Sprintf("%-20s", name)) }

// rest is the rest of the chain: the four keepers that x/round expects, in
// memory. Coins of the round module and of the treasury are counted.
type rest struct {
	module, treasury math.Int
	community        math.Int
	penalties        []string
	tainted          map[digest.Digest]protocol.Account
	balances         map[string]math.Int
	bonds            map[string]math.Int
	weights          map[string]uint64
	jailed           map[string]time.Time
	approved         map[digest.Digest]bool
	head             digest.Digest
	known            map[digest.Digest]bool
	evals            map[digest.Digest]uint64
	openRun          uint64
	shares           map[string]math.Int
	left             uint64
	noShares         map[string]bool
	broken           error // of RunModel, to see what a fault does
}

func (r *rest) Standing(_ context.Context, a sdk.AccAddress) (bool, time.Time, error) {
	return !a.Equals(addr("stranger")), r.jailed[a.String()], nil
}
func (r *rest) Weight(_ context.Context, a sdk.AccAddress) (uint64, error) {
	return r.weights[a.String()], nil
}
func (r *rest) LockBond(_ context.Context, a sdk.AccAddress, _ uint64, c sdk.Coin) error {
	if a.Equals(addr("poor")) {
		return sdkerrors.ErrInsufficientFunds.Wrap("spendable balance")
	}
	r.bonds[a.String()] = value(r.bonds, a).Add(c.Amount)
	return nil
}
func (r *rest) ReleaseBond(_ context.Context, a sdk.AccAddress, _ uint64, _ time.Time) error {
	if value(r.bonds, a).IsZero() {
		return errors.New("no bond")
	}
	delete(r.bonds, a.String())
	return nil
}
func (r *rest) HoldBond(context.Context, sdk.AccAddress, uint64) error { return nil }
func (r *rest) Slash(_ context.Context, a sdk.AccAddress, run, round uint64, finder sdk.AccAddress, at time.Time, reason string,
	evidence digest.Digest) (sdk.Coin, error) {
	r.penalties = append(r.penalties, fmt.Sprintf("run %d round %d: %s of %s for %s, found by %s, at %s", run, round, value(r.bonds, a),
		name(a), reason, name(finder), at.Format(time.TimeOnly)))
	delete(r.bonds, a.String())
	return sdk.Coin{}, nil
}
func (r *rest) Fine(_ context.Context, a sdk.AccAddress, _ uint64, c sdk.Coin, to sdk.AccAddress) (sdk.Coin, error) {
	r.penalties = append(r.penalties, fmt.Sprintf("%s of %s to %s", c.Amount, name(a), name(to)))
	r.bonds[a.String()] = value(r.bonds, a).Sub(c.Amount)
	return c, nil
}
func (r *rest) Jail(_ context.Context, a sdk.AccAddress, until time.Time) error {
	r.jailed[a.String()] = until
	return nil
}
func (r *rest) Pardon(_ context.Context, a sdk.AccAddress, run, round uint64) (sdk.Coin, error) {
	r.penalties = append(r.penalties, fmt.Sprintf("pardon %s run %d round %d", name(a), run, round))
	return sdk.NewInt64Coin(sdk.DefaultBondDenom, 10), nil
}
func (r *rest) SuspendPenalties(_ context.Context, run, round uint64) error {
	r.penalties = append(r.penalties, fmt.Sprintf("suspend run %d round %d", run, round))
	return nil
}
func (r *rest) ResumePenalties(_ context.Context, run uint64, _ time.Time) error {
	r.penalties = append(r.penalties, fmt.Sprintf("resume run %d", run))
	return nil
}
func (r *rest) Taint(_ context.Context, c digest.Digest, _, _ uint64, account protocol.Account) error {
	r.tainted[c] = account
	return nil
}
func (r *rest) Untaint(_ context.Context, c digest.Digest, _ protocol.Account) error {
	delete(r.tainted, c)
	return nil
}
func (r *rest) SendCoinsFromAccountToModule(_ context.Context, from sdk.AccAddress, _ string, amt sdk.Coins) error {
	if from.Equals(addr("poor")) {
		return errors.New("insufficient funds")
	}
	r.module = r.module.Add(amt[0].Amount)
	r.balances[from.String()] = value(r.balances, from).Sub(amt[0].Amount)
	return nil
}

// name is the inverse of addr.
func name(a sdk.AccAddress) string { return strings.TrimSpace(string(a)) }

func (r *rest) RunModel(context.Context, string) (protocol.ModelInfo, error) {
	return protocol.ModelInfo{Name: model, Owner: protocol.Account(owner.String()), Head: r.head, SharesLeft: r.left}, r.broken
}
func (r *rest) Approved(_ context.Context, _ string, spec digest.Digest) (bool, error) {
	return r.approved[spec], nil
}
func (r *rest) Debit(_ context.Context, _ string, n, community math.Int, to string) error {
	if r.community.LT(community) {
		return errors.New("community pool is short")
	}
	r.community, r.module = r.community.Sub(community), r.module.Add(community)
	if r.treasury.LT(n) || to != types.ModuleName {
		return errors.New("treasury is short")
	}
	r.treasury, r.module = r.treasury.Sub(n), r.module.Add(n)
	return nil
}
func (r *rest) Refund(_ context.Context, _ string, n, community math.Int, _ string) error {
	r.community, r.module = r.community.Add(community), r.module.Sub(community)
	r.treasury, r.module = r.treasury.Add(n), r.module.Sub(n)
	return nil
}

// AppendCheckpoint keeps known, which belongs to the store in the real module,
// out of calls whose writes are thrown away: it only checks before FINAL.
func (r *rest) AppendCheckpoint(ctx context.Context, c protocol.Checkpoint) error {
	if c.Parent != r.head || r.known[c.Digest] {
		return errors.New("not a child of the head, or known")
	}
	if sdk.UnwrapSDKContext(ctx).ExecMode() == sdk.ExecModeFinalize {
		r.head, r.known[c.Digest] = c.Digest, true
	}
	return nil
}
func (r *rest) RecordEval(_ context.Context, c digest.Digest, microNats, _ uint64, _ digest.Digest) error {
	r.evals[c] = microNats
	return nil
}
func (r *rest) SetOpenRun(_ context.Context, _ string, run uint64) error {
	if run != 0 && r.openRun != 0 {
		return errors.New("another run is open")
	}
	r.openRun = run
	return nil
}
func (r *rest) Mint(_ context.Context, _ string, to sdk.AccAddress, n math.Int) (math.Int, error) {
	if r.noShares[to.String()] {
		return math.Int{}, errors.New("cannot hold shares")
	}
	r.shares[to.String()] = value(r.shares, to).Add(n)
	r.left -= n.Uint64()
	return n, nil
}
func (r *rest) SendCoinsFromModuleToAccount(_ context.Context, _ string, to sdk.AccAddress, amt sdk.Coins) error {
	r.module = r.module.Sub(amt[0].Amount)
	r.balances[to.String()] = value(r.balances, to).Add(amt[0].Amount)
	return nil
}
func (r *rest) BlockedAddr(a sdk.AccAddress) bool { return a.Equals(addr("module")) }
func (r *rest) GetBalance(_ context.Context, _ sdk.AccAddress, denom string) sdk.Coin {
	return sdk.NewCoin(denom, r.module)
}

func value(m map[string]math.Int, a sdk.AccAddress) math.Int {
	if v, found := m[a.String()]; found {
		return v
	}
	return math.ZeroInt()
}

// chain is x/round with the rest of the chain in memory and a clock.
type chain struct {
	forger string // its first segment of every slot is forged
	t      testing.TB
	ctx    sdk.Context
	rest   *rest
	k      keeper.Keeper
	msg    types.MsgServer
	q      types.QueryServer
}

func newRest() *rest {
	r := &rest{
		module: math.ZeroInt(), treasury: math.NewInt(10_000), community: math.NewInt(10_000), tainted: map[digest.Digest]protocol.Account{},
		balances: map[string]math.Int{}, bonds: map[string]math.Int{}, shares: map[string]math.Int{},
		weights: map[string]uint64{}, jailed: map[string]time.Time{},
		approved: map[digest.Digest]bool{}, known: map[digest.Digest]bool{}, evals: map[digest.Digest]uint64{},
		head: digest.Digest{1}, left: 1 << 40, noShares: map[string]bool{},
	}
	for _, v := range []string{"v1", "v2", "v3"} {
		r.weights[addr(v).String()] = 10
	}
	return r
}

func newChain(t testing.TB) *chain {
	c := withRest(t, newRest(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, c.k.InitGenesis(c.ctx, types.DefaultGenesis()))
	return c
}

func withRest(t testing.TB, r *rest, now time.Time) *chain {
	keys := storetypes.NewKVStoreKeys(types.StoreKey)
	ctx := testutil.DefaultContextWithKeys(keys, storetypes.NewTransientStoreKeys("t"), nil)
	ctx = ctx.WithBlockTime(now).WithBlockHeight(7)
	cdc := moduletestutil.MakeTestEncodingConfig().Codec
	k, err := keeper.NewKeeper(runtime.NewKVStoreService(keys[types.StoreKey]), cdc, r, r, r, r, gov)
	require.NoError(t, err)
	return &chain{t: t, ctx: ctx, rest: r, k: k, msg: keeper.NewMsgServer(k), q: keeper.NewQueryServer(k)}
}

func testSpec() protocol.RunSpec {
	return protocol.RunSpec{
		Model: model, Tokens: digest.Digest{2}, Eval: digest.Digest{3}, EvalEvery: 1,
		SeqLen: 64, InnerSteps: 4, Batch: 2,
		Inner: protocol.AdamW{LR: 1, Eps: 10, Clip: protocol.Nano, Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: protocol.Nano},
		Loss:  protocol.LossSFT, Numerics: protocol.NumericsF32, Codec: protocol.CodecQ4,
		TrainTime: 100 * time.Second, PublishTime: 30 * time.Second, AttestTime: 40 * time.Second,
		ReviewTime: 50 * time.Second, Grace: 10 * time.Second, MaxWait: 300 * time.Second,
		MinTrainers: 2, MaxTrainers: 3, MaxSlots: 2, MinSteps: 2, Audits: 16, MinAttesters: 1, MaxMisses: 2, MaxUnsettled: 2,
		BondPerSlot: 10, Rounds: 3, Budget: budget, RewardPerRound: 1000, SharesPerRound: 100,
		Split:     protocol.Split{Trainers: 7000, Attesters: 2000, Owner: 600, Data: 400},
		DataOwner: protocol.Account(data.String()),
	}
}

// advance ends the block and begins the next one.
func (c *chain) advance(d time.Duration) {
	c.ctx = c.ctx.WithBlockTime(c.ctx.BlockTime().Add(d)).WithBlockHeight(c.ctx.BlockHeight() + 1)
	require.NoError(c.t, c.k.EndBlock(c.ctx.WithExecMode(sdk.ExecModeFinalize)))
	require.NoError(c.t, c.k.CheckInvariants(c.ctx))
}

func (c *chain) open() {
	spec := testSpec()
	c.rest.approved[spec.Digest()] = true
	_, err := c.msg.OpenRun(c.ctx, &types.MsgOpenRun{Authority: gov, Spec: types.SpecOf(spec)})
	require.NoError(c.t, err)
}

func (c *chain) run() types.QueryRunResponse {
	res, err := c.q.Run(c.ctx, &types.QueryRunRequest{Run: 1})
	require.NoError(c.t, err)
	return *res
}

func (c *chain) parts(round uint64) []types.Part {
	res, err := c.q.Parts(c.ctx, &types.QueryPartsRequest{Run: 1, Round: round})
	require.NoError(c.t, err)
	return res.Parts
}
