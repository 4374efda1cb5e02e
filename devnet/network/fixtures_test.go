package network_test

import (
	"crypto/rand"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/network"
	modeltypes "github.com/weftnet/weft/x/model/types"
)

func nodeKey(t *testing.T) crypto.PrivKey {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	return key
}

// create is a message that registers a model called tiny.
func create(owner network.Account) *modeltypes.MsgCreateModel {
	named := func(b byte) string { return digest.Digest{b}.Text() }
	return &modeltypes.MsgCreateModel{
		Owner: owner.String(), Name: "tiny", Base: named(1), Tokenizer: named(2), Genesis: named(3), GenesisSize: 1,
		Adapter: modeltypes.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj"}}, Licence: "Apache-2.0", MaxShares: 1000,
	}
}
