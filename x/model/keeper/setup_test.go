package keeper_test

import (
	"context"
	"fmt"
	"testing"

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
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/keeper"
	"github.com/weftnet/weft/x/model/types"
)

const (
	name   = "tiny"
	escrow = "escrow"
)

// pools is the share module as x/model sees it.
type pools map[string]math.Int

func (p pools) RegisterPool(_ context.Context, model string, maxSupply math.Int) error {
	if _, ok := p[model]; ok {
		return fmt.Errorf("pool %s exists", model)
	}
	p[model] = maxSupply
	return nil
}

func (p pools) Left(_ context.Context, model string) (math.Int, error) { return p[model], nil }

// chain is x/model over the real x/bank, x/auth and x/distribution.
type chain struct {
	ctx   sdk.Context
	bank  bankkeeper.BaseKeeper
	distr distrkeeper.Keeper
	pools pools
	k     keeper.Keeper
	msg   types.MsgServer
	q     types.QueryServer
}

func account(i int) sdk.AccAddress { return sdk.AccAddress(fmt.Sprintf("account%013d", i)) }

func named(b byte) digest.Digest { return digest.Digest{b} }

func stake(n int64) sdk.Coin { return sdk.NewInt64Coin("stake", n) }

func newChain(t testing.TB) *chain {
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distrtypes.StoreKey, types.StoreKey)
	ctx := testutil.DefaultContextWithKeys(keys, storetypes.NewTransientStoreKeys("t"), nil).WithBlockHeight(7)
	cdc := moduletestutil.MakeTestEncodingConfig(auth.AppModuleBasic{}, bank.AppModuleBasic{}).Codec
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{types.ModuleName: nil, "mint": {authtypes.Minter}, escrow: nil, distrtypes.ModuleName: nil},
		address.NewBech32Codec("cosmos"), "cosmos", gov)
	blocked := map[string]bool{}
	for _, module := range []string{types.ModuleName, escrow, distrtypes.ModuleName} {
		blocked[authtypes.NewModuleAddress(module).String()] = true
	}
	bk := bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, blocked, gov, log.NewNopLogger())
	require.NoError(t, bk.SetParams(ctx, banktypes.DefaultParams()))
	// The community pool needs nothing of x/staking.
	distr := distrkeeper.NewKeeper(cdc, runtime.NewKVStoreService(keys[distrtypes.StoreKey]), accounts, bk, nil, authtypes.FeeCollectorName,
		gov)
	require.NoError(t, distr.FeePool.Set(ctx, distrtypes.InitialFeePool()))
	c := &chain{ctx: ctx, bank: bk, distr: distr, pools: pools{}}
	k, err := keeper.NewKeeper(runtime.NewKVStoreService(keys[types.StoreKey]), cdc, accounts, bk, c.pools, distr, gov)
	require.NoError(t, err)
	require.NoError(t, k.InitGenesis(ctx, &types.GenesisState{Params: types.Params{MinFunding: stake(1)}}))
	c.k, c.msg, c.q = k, keeper.NewMsgServer(k), keeper.NewQueryServer(k)
	for i := range 10 {
		require.NoError(t, bk.MintCoins(ctx, "mint", sdk.NewCoins(stake(1<<40))))
		require.NoError(t, bk.SendCoinsFromModuleToAccount(ctx, "mint", account(i), sdk.NewCoins(stake(1<<40))))
	}
	_, err = c.msg.CreateModel(ctx, create())
	require.NoError(t, err)
	return c
}

func create() *types.MsgCreateModel {
	d := func(b byte) string { return named(b).Text() }
	return &types.MsgCreateModel{
		Owner: account(0).String(), Name: name, Base: d(1), Tokenizer: d(2), Licence: "Apache-2.0", MaxShares: 1000,
		MetadataUri: "https://example.org/tiny",
		Adapter:     types.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj", "v_proj"}}, Genesis: d(3), GenesisSize: 10,
	}
}

func (c *chain) fund(i int, n int64) error {
	_, err := c.msg.Fund(c.ctx, &types.MsgFund{Funder: account(i).String(), Model: name, Amount: stake(n)})
	return err
}

// funding returns what funder i contributed and what was drawn of it.
func (c *chain) funding(t require.TestingT, i int) (contributed, drawn int64) {
	r, err := c.q.Treasury(c.ctx, &types.QueryTreasuryRequest{Model: name})
	require.NoError(t, err)
	for _, f := range r.Funders {
		if f.Funder == account(i).String() {
			return f.Funding.Contributed.Int64(), f.Funding.Drawn.Int64()
		}
	}
	return 0, 0
}
