package app_test

import (
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"github.com/weftnet/weft/devnet/network"
)

// seat is a signer's place in a transaction.
type seat struct {
	network.Account
	number, sequence uint64
}

// signed encodes a transaction without a fee that the signers signed, in their order. It checks nothing: whether they are the right ones,
// and whether the messages are any good, is for the chain to say.
func signed(signers []seat, msgs ...sdk.Msg) []byte {
	body := txtypes.TxBody{}
	for _, m := range msgs {
		body.Messages = append(body.Messages, read(codectypes.NewAnyWithValue(m)))
	}
	auth := txtypes.AuthInfo{Fee: &txtypes.Fee{GasLimit: 50_000_000}}
	for _, s := range signers {
		auth.SignerInfos = append(auth.SignerInfos, &txtypes.SignerInfo{
			PublicKey: read(codectypes.NewAnyWithValue(s.Key.PubKey())), Sequence: s.sequence,
			ModeInfo: &txtypes.ModeInfo{Sum: &txtypes.ModeInfo_Single_{Single: &txtypes.ModeInfo_Single{Mode: signing.SignMode_SIGN_MODE_DIRECT}}},
		})
	}
	raw := txtypes.TxRaw{BodyBytes: read(body.Marshal()), AuthInfoBytes: read(auth.Marshal())}
	for _, s := range signers {
		doc := txtypes.SignDoc{BodyBytes: raw.BodyBytes, AuthInfoBytes: raw.AuthInfoBytes, ChainId: testChain, AccountNumber: s.number}
		raw.Signatures = append(raw.Signatures, read(s.Key.Sign(read(doc.Marshal()))))
	}
	return read(raw.Marshal())
}
