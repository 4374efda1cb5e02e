package app

import (
	"encoding/json"
	"fmt"
	"testing"

	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// forbidden are messages that would make shares the coin of something that moves coins past the send restriction.
func forbidden() map[string]sdk.Msg {
	mint, staking, gov := minttypes.DefaultParams(), stakingtypes.DefaultParams(), govv1.DefaultParams()
	mint.MintDenom, staking.BondDenom = "share/x", "share/x"
	gov.MinDeposit = sdk.NewCoins(sdk.NewInt64Coin("share/x", 1))
	expedited := govv1.DefaultParams()
	expedited.ExpeditedMinDeposit = gov.MinDeposit
	return map[string]sdk.Msg{
		"mint": &minttypes.MsgUpdateParams{Params: mint}, "staking": &stakingtypes.MsgUpdateParams{Params: staking},
		"gov": &govv1.MsgUpdateParams{Params: gov}, "expedited": &govv1.MsgUpdateParams{Params: expedited},
	}
}

func TestShareDenomsAreRefused(t *testing.T) {
	for name, m := range forbidden() {
		proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{m}, nil, "", "", "", "", false)
		require.NoError(t, err)
		exec := authz.NewMsgExec(sdk.AccAddress("someone_____________"), []sdk.Msg{proposal})
		for kind, nested := range map[string]sdk.Msg{"alone": m, "proposal": proposal, "granted": &exec} {
			require.ErrorContains(t, checkMsgs([]sdk.Msg{nested}, 0), "share denom", "%s %s", name, kind)
		}
	}
	require.NoError(t, checkMsgs([]sdk.Msg{&stakingtypes.MsgUpdateParams{Params: stakingtypes.DefaultParams()}}, 0))
	var deep sdk.Msg = &stakingtypes.MsgUpdateParams{Params: stakingtypes.DefaultParams()}
	for range maxNesting + 1 {
		exec := authz.NewMsgExec(sdk.AccAddress("someone_____________"), []sdk.Msg{deep})
		deep = &exec
	}
	require.ErrorContains(t, checkMsgs([]sdk.Msg{deep}, 0), "too deep")
}

func TestDefaultGenesisUsesOurCoin(t *testing.T) {
	a, err := New(log.NewNopLogger(), dbm.NewMemDB(), Options{flags.FlagHome: t.TempDir()})
	require.NoError(t, err)
	state := a.DefaultGenesis()
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	require.NotContains(t, string(raw), `"stake"`)
	var bank banktypes.GenesisState
	require.NoError(t, a.Codec.UnmarshalJSON(state[banktypes.ModuleName], &bank))
	require.Len(t, bank.DenomMetadata, 1, "wallets would show uweft as it is")
	m := bank.DenomMetadata[0]
	require.NoError(t, m.Validate())
	require.Equal(t, "uweft is 10^-6 WEFT", fmt.Sprintf("%s is 10^-%d %s", m.Base, m.DenomUnits[1].Exponent, m.Display))
	require.NoError(t, a.Basics.ValidateGenesis(a.Codec, a.TxConfig, state))
	require.NoError(t, ValidateGenesis(a.Codec, state))

	staking := stakingtypes.DefaultGenesisState()
	staking.Params.BondDenom = "share/x"
	state[stakingtypes.ModuleName] = a.Codec.MustMarshalJSON(staking)
	require.ErrorContains(t, ValidateGenesis(a.Codec, state), "share denom")
}
