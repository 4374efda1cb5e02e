package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/x/share/keeper"
	"github.com/weftnet/weft/x/share/types"
)

const (
	model   = "gsm8k-tiny"
	share   = types.DenomPrefix + model
	revenue = "stake"
)

var payer = sdk.AccAddress("payer_______________")

// chain is x/share over the real x/bank and x/auth.
type chain struct {
	ctx  sdk.Context
	bank bankkeeper.BaseKeeper
	k    keeper.Keeper
	msg  types.MsgServer
	q    types.QueryServer
}

func holder(i int) sdk.AccAddress { return sdk.AccAddress(fmt.Sprintf("holder%014d", i)) }

func coins(n int64, denom string) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin(denom, n)) }

// start is the time of the first block.
var start = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// newChain lets deposits reach the holders at once.
func newChain(t testing.TB) *chain { return newStreaming(t, 0) }

// newStreaming lets deposits stream for the time over.
func newStreaming(t testing.TB, over time.Duration) *chain {
	c := bare(t)
	require.NoError(t, c.bank.SetParams(c.ctx, banktypes.DefaultParams()))
	require.NoError(t, c.k.InitGenesis(c.ctx, &types.GenesisState{Params: types.Params{MinDeposits: coins(1, revenue), StreamTime: over}}))
	require.NoError(t, c.k.RegisterPool(c.ctx, model, math.NewInt(1_000_000_000_000)))
	c.fund(t, payer, coins(1<<60, revenue))
	return c
}

// bare has no state at all.
func bare(t testing.TB) *chain {
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, types.StoreKey)
	ctx := testutil.DefaultContextWithKeys(keys, storetypes.NewTransientStoreKeys("t"), nil).WithBlockTime(start)
	cdc := moduletestutil.MakeTestEncodingConfig(auth.AppModuleBasic{}, bank.AppModuleBasic{}).Codec
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{types.ModuleName: {authtypes.Minter}, "mint": {authtypes.Minter}, govtypes.ModuleName: nil},
		address.NewBech32Codec("cosmos"), "cosmos", gov)
	bk := bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, nil, gov, log.NewNopLogger())
	k, err := keeper.NewKeeper(runtime.NewKVStoreService(keys[types.StoreKey]), cdc, accounts, bk, bk, gov)
	require.NoError(t, err)
	bk.AppendSendRestriction(k.SendRestriction)
	return &chain{ctx: ctx, bank: bk, k: k, msg: keeper.NewMsgServer(k), q: keeper.NewQueryServer(k)}
}

func (c *chain) fund(t testing.TB, to sdk.AccAddress, amt sdk.Coins) {
	require.NoError(t, c.bank.MintCoins(c.ctx, "mint", amt))
	require.NoError(t, c.bank.SendCoinsFromModuleToAccount(c.ctx, "mint", to, amt))
}

func (c *chain) mint(i int, n int64) error {
	_, err := c.k.Mint(c.ctx, model, holder(i), math.NewInt(n))
	return err
}

func (c *chain) deposit(n int64) error {
	_, err := c.msg.Deposit(c.ctx, &types.MsgDeposit{Depositor: payer.String(), Model: model, Amount: sdk.NewInt64Coin(revenue, n)})
	return err
}

func (c *chain) claim(i int) (int64, error) {
	r, err := c.msg.Claim(c.ctx, &types.MsgClaim{Holder: holder(i).String(), Model: model})
	if err != nil {
		return 0, err
	}
	return r.Paid.AmountOf(revenue).Int64(), nil
}

// wait lets time pass.
func (c *chain) wait(d time.Duration) { c.ctx = c.ctx.WithBlockTime(c.ctx.BlockTime().Add(d)) }

func (c *chain) send(i, j int, n int64) error {
	return c.bank.SendCoins(c.ctx, holder(i), holder(j), coins(n, share))
}

// claims lets every holder claim and returns what each was paid; the books must balance before and after.
func (c *chain) claims(t testing.TB, holders ...int) []int64 {
	t.Helper()
	require.NoError(t, c.k.CheckInvariants(c.ctx))
	paid := make([]int64, len(holders))
	for i, h := range holders {
		var err error
		paid[i], err = c.claim(h)
		require.NoError(t, err)
	}
	require.NoError(t, c.k.CheckInvariants(c.ctx))
	return paid
}
