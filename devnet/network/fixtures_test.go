package network_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

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
	digest := func(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
	return &modeltypes.MsgCreateModel{
		Owner: owner.String(), Name: "tiny", Base: digest(1), Tokenizer: digest(2), Genesis: digest(3), GenesisSize: 1,
		Adapter: modeltypes.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj"}}, Licence: "Apache-2.0", MaxShares: 1000,
	}
}
