package keeper_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"
	"github.com/libp2p/go-libp2p/core/crypto"
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
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/weftnet/weft/x/worker/keeper"
	"github.com/weftnet/weft/x/worker/types"
)

const chainID = "weft-test-1"

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// validators is the staking module as x/worker sees it.
type validators map[string]stakingtypes.Validator

func (v validators) GetValidator(_ context.Context, addr sdk.ValAddress) (stakingtypes.Validator, error) {
	if val, ok := v[string(addr)]; ok {
		return val, nil
	}
	return stakingtypes.Validator{}, stakingtypes.ErrNoValidatorFound
}

// chain is x/worker over the real x/bank and x/auth.
type chain struct {
	ctx  sdk.Context
	bank bankkeeper.BaseKeeper
	vals validators
	k    keeper.Keeper
	msg  types.MsgServer
	q    types.QueryServer
}

func account(i int) sdk.AccAddress { return sdk.AccAddress(fmt.Sprintf("account%013d", i)) }

func operator(i int) sdk.ValAddress { return sdk.ValAddress(account(100 + i)) }

func stake(n int64) sdk.Coin { return sdk.NewInt64Coin("stake", n) }

func newChain(t testing.TB) *chain {
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, types.StoreKey)
	ctx := testutil.DefaultContextWithKeys(keys, storetypes.NewTransientStoreKeys("t"), nil).
		WithBlockHeight(7).WithChainID(chainID).WithBlockTime(start)
	cdc := moduletestutil.MakeTestEncodingConfig(auth.AppModuleBasic{}, bank.AppModuleBasic{}).Codec
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{types.ModuleName: {authtypes.Burner}, "mint": {authtypes.Minter}}, address.NewBech32Codec("cosmos"), "cosmos", gov)
	bk := bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, map[string]bool{gov: true}, gov,
		log.NewNopLogger())
	require.NoError(t, bk.SetParams(ctx, banktypes.DefaultParams()))
	c := &chain{ctx: ctx, bank: bk, vals: validators{}}
	k, err := keeper.NewKeeper(runtime.NewKVStoreService(keys[types.StoreKey]), cdc, accounts, bk, c.vals)
	require.NoError(t, err)
	c.k, c.msg, c.q = k, keeper.NewMsgServer(k), keeper.NewQueryServer(k)
	for i := range 4 {
		require.NoError(t, bk.MintCoins(ctx, "mint", sdk.NewCoins(stake(1000))))
		require.NoError(t, bk.SendCoinsFromModuleToAccount(ctx, "mint", account(i), sdk.NewCoins(stake(1000))))
		c.vals[string(operator(i))] = stakingtypes.Validator{OperatorAddress: operator(i).String(), Status: stakingtypes.Bonded,
			Tokens: math.NewInt(int64(i+1) * 100)}
	}
	return c
}

func nodeKey(t testing.TB) crypto.PrivKey {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	return key
}

func seal(t testing.TB, key crypto.PrivKey, b types.Binding) []byte {
	raw, err := b.Seal(key)
	require.NoError(t, err)
	return raw
}

// register makes account i a worker with the key.
func (c *chain) register(t testing.TB, i int, key crypto.PrivKey) error {
	_, err := c.msg.Register(c.ctx, &types.MsgRegister{Account: account(i).String(),
		Envelope: seal(t, key, types.Binding{ChainId: chainID, Account: account(i).String()})})
	return err
}
