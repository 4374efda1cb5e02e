package network

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cosmossdk.io/math"
	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/cosmos/cosmos-sdk/client/tx"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/weftnet/weft/app"
)

// genesis builds the document that all nodes start from. Validators come in by gentxs, as on a real chain, so that the hooks of
// staking, slashing and distribution run.
func (n *Network) genesis(a *app.App) (*cmttypes.GenesisDoc, error) {
	state := a.DefaultGenesis()
	accounts := append([]Account{}, n.opts.Accounts...)
	var gentxs []json.RawMessage
	for i, nd := range n.Nodes {
		accounts = append(accounts, nd.Operator)
		g, err := n.gentx(a, i)
		if err != nil {
			return nil, err
		}
		gentxs = append(gentxs, g)
	}
	if err := fund(a, state, accounts); err != nil {
		return nil, err
	}
	state[genutiltypes.ModuleName] = a.Codec.MustMarshalJSON(&genutiltypes.GenesisState{GenTxs: gentxs})
	if err := n.governance(a, state); err != nil {
		return nil, err
	}
	if n.opts.Genesis != nil {
		if err := n.opts.Genesis(a.Codec, state); err != nil {
			return nil, err
		}
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxGas = -1
	params.Validator.PubKeyTypes = []string{cmttypes.ABCIPubKeyTypeEd25519}
	return &cmttypes.GenesisDoc{ChainID: n.opts.ChainID, GenesisTime: time.Now().UTC(), InitialHeight: 1, ConsensusParams: params,
		AppState: raw}, nil
}

func fund(a *app.App, state map[string]json.RawMessage, accounts []Account) error {
	var auth []authtypes.GenesisAccount
	var bank banktypes.GenesisState
	if err := a.Codec.UnmarshalJSON(state[banktypes.ModuleName], &bank); err != nil {
		return err
	}
	for _, acc := range accounts {
		auth = append(auth, authtypes.NewBaseAccount(acc.Address(), nil, 0, 0))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: acc.String(), Coins: acc.coins()})
	}
	packed, err := authtypes.PackAccounts(auth)
	if err != nil {
		return err
	}
	state[authtypes.ModuleName] = a.Codec.MustMarshalJSON(&authtypes.GenesisState{Params: authtypes.DefaultParams(), Accounts: packed})
	state[banktypes.ModuleName] = a.Codec.MustMarshalJSON(&bank)
	return nil
}

func (n *Network) governance(a *app.App, state map[string]json.RawMessage) error {
	var gov govv1.GenesisState
	if err := a.Codec.UnmarshalJSON(state[govtypes.ModuleName], &gov); err != nil {
		return err
	}
	voting, expedited := n.opts.VotingPeriod, n.opts.VotingPeriod/2
	gov.Params.VotingPeriod, gov.Params.ExpeditedVotingPeriod = &voting, &expedited
	gov.Params.MinDeposit = sdk.NewCoins(whole(1))
	gov.Params.ExpeditedMinDeposit = sdk.NewCoins(whole(2))
	state[govtypes.ModuleName] = a.Codec.MustMarshalJSON(&gov)
	return nil
}

// gentx is the transaction that makes node i a validator.
func (n *Network) gentx(a *app.App, i int) (json.RawMessage, error) {
	nd := n.Nodes[i]
	pub, err := nd.privval.GetPubKey()
	if err != nil {
		return nil, err
	}
	sdkPub, err := cryptocodec.FromCmtPubKeyInterface(pub)
	if err != nil {
		return nil, err
	}
	one := math.LegacyOneDec()
	msg, err := stakingtypes.NewMsgCreateValidator(nd.Operator.ValAddress().String(), sdkPub, whole(n.opts.power(i)),
		stakingtypes.NewDescription(fmt.Sprintf("node%d", i), "", "", "", ""),
		stakingtypes.NewCommissionRates(one.QuoInt64(10), one, one.QuoInt64(10)), math.OneInt())
	if err != nil {
		return nil, err
	}
	signed, err := sign(a, nd.Operator, authsigning.SignerData{ChainID: n.opts.ChainID}, msg)
	if err != nil {
		return nil, err
	}
	return a.TxConfig.TxJSONEncoder()(signed)
}

// sign builds a transaction without fee.
func sign(a *app.App, from Account, data authsigning.SignerData, msgs ...sdk.Msg) (sdk.Tx, error) {
	b := a.TxConfig.NewTxBuilder()
	if err := b.SetMsgs(msgs...); err != nil {
		return nil, err
	}
	b.SetGasLimit(gasLimit)
	mode := signing.SignMode_SIGN_MODE_DIRECT
	pub := from.Key.PubKey()
	data.PubKey, data.Address = pub, from.String()
	// The first signature is empty: it puts the key and the mode into what is signed.
	if err := b.SetSignatures(signing.SignatureV2{PubKey: pub, Data: &signing.SingleSignatureData{SignMode: mode},
		Sequence: data.Sequence}); err != nil {
		return nil, err
	}
	sig, err := tx.SignWithPrivKey(context.Background(), mode, data, b, from.Key, a.TxConfig, data.Sequence)
	if err != nil {
		return nil, err
	}
	if err := b.SetSignatures(sig); err != nil {
		return nil, err
	}
	return b.GetTx(), nil
}
