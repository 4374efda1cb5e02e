package app_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

const (
	testChain = "weft-local"
	// evidence and streaming are short, so that a history outlives them.
	evidence  = 10 * time.Minute
	streaming = 5 * time.Minute
	deposit   = 1000
)

var birthday = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// consensusKey is the key with which the validator of an account would sign blocks.
func consensusKey(op network.Account) *ed25519.PrivKey {
	return ed25519.GenPrivKeyFromSecret([]byte("weft test validator " + op.Name))
}

// birth is the request that starts a chain with funded accounts, one validator for each operator, and no inflation.
func birth(t *testing.T, a *app.App, operators, others []network.Account) *abci.RequestInitChain {
	state := a.DefaultGenesis()
	var auth []authtypes.GenesisAccount
	var bank banktypes.GenesisState
	require.NoError(t, a.Codec.UnmarshalJSON(state[banktypes.ModuleName], &bank))
	for _, acc := range append(append([]network.Account{}, operators...), others...) {
		coins := acc.Coins
		if coins == nil {
			coins = sdk.NewCoins(coin(1_000_000_000_000))
		}
		auth = append(auth, authtypes.NewBaseAccount(acc.Address(), nil, 0, 0))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: acc.String(), Coins: coins})
	}
	packed, err := authtypes.PackAccounts(auth)
	require.NoError(t, err)
	state[authtypes.ModuleName] = a.Codec.MustMarshalJSON(&authtypes.GenesisState{Params: authtypes.DefaultParams(), Accounts: packed})
	state[banktypes.ModuleName] = a.Codec.MustMarshalJSON(&bank)
	var gentxs []json.RawMessage
	for _, op := range operators {
		gentxs = append(gentxs, gentx(t, a, op))
	}
	state[genutiltypes.ModuleName] = a.Codec.MustMarshalJSON(&genutiltypes.GenesisState{GenTxs: gentxs})
	shorten(t, a, state)
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxGas = -1
	pb := params.ToProto()
	return &abci.RequestInitChain{ChainId: testChain, InitialHeight: 1, Time: birthday, ConsensusParams: &pb, AppStateBytes: raw}
}

func gentx(t *testing.T, a *app.App, op network.Account) json.RawMessage {
	one := math.LegacyOneDec()
	msg, err := stakingtypes.NewMsgCreateValidator(op.ValAddress().String(), consensusKey(op).PubKey(), coin(25_000_000),
		stakingtypes.NewDescription(op.Name, "", "", "", ""), stakingtypes.NewCommissionRates(one.QuoInt64(10), one,
			one.QuoInt64(10)), math.OneInt())
	require.NoError(t, err)
	tx, err := a.TxConfig.TxDecoder()(signed([]seat{{op, 0, 0}}, msg))
	require.NoError(t, err)
	raw, err := a.TxConfig.TxJSONEncoder()(tx)
	require.NoError(t, err)
	return raw
}

// shorten makes terms that histories can see the end of, a floor for the community's money that four validators reach, and no inflation:
// then the supply changes by what is burnt alone.
func shorten(t *testing.T, a *app.App, state map[string]json.RawMessage) {
	var round roundtypes.GenesisState
	var share sharetypes.GenesisState
	var gov govv1.GenesisState
	var mint minttypes.GenesisState
	require.NoError(t, a.Codec.UnmarshalJSON(state[roundtypes.ModuleName], &round))
	require.NoError(t, a.Codec.UnmarshalJSON(state[sharetypes.ModuleName], &share))
	require.NoError(t, a.Codec.UnmarshalJSON(state[govtypes.ModuleName], &gov))
	require.NoError(t, a.Codec.UnmarshalJSON(state[minttypes.ModuleName], &mint))
	round.Params.EvidenceWindow, round.Params.Deposit = evidence, deposit
	round.Params.Floor = roundtypes.Floor{Trainers: 2, Attesters: 3, BondedStake: 50_000_000}
	share.Params.StreamTime = streaming
	short := 10 * time.Second
	expedited := short / 2
	gov.Params.VotingPeriod, gov.Params.ExpeditedVotingPeriod = &short, &expedited
	gov.Params.MinDeposit, gov.Params.ExpeditedMinDeposit = sdk.NewCoins(coin(1_000_000)), sdk.NewCoins(coin(2_000_000))
	zero := math.LegacyZeroDec()
	mint.Minter.Inflation, mint.Params.InflationMin, mint.Params.InflationMax, mint.Params.InflationRateChange = zero, zero, zero, zero
	state[roundtypes.ModuleName] = a.Codec.MustMarshalJSON(&round)
	state[sharetypes.ModuleName] = a.Codec.MustMarshalJSON(&share)
	state[govtypes.ModuleName] = a.Codec.MustMarshalJSON(&gov)
	state[minttypes.ModuleName] = a.Codec.MustMarshalJSON(&mint)
}

// accounts makes accounts named after a letter: t1, t2, ...
func accounts(letter string, n int) []network.Account {
	var list []network.Account
	for i := range n {
		list = append(list, network.NewAccount(fmt.Sprint(letter, i+1)))
	}
	return list
}
