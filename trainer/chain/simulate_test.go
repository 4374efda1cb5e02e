package chain_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// A transaction is simulated before it is sent: what a node refuses then is known by its code, as what it refuses in a block.
func TestSimulate(t *testing.T) {
	alice := network.NewAccount("alice")
	n, err := network.Start(network.Options{Accounts: []network.Account{alice}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	require.NoError(t, n.WaitHeight(t.Context(), 2))
	cc, err := n.Context(0)
	require.NoError(t, err)
	c, err := chain.New(cc, alice.Name, "")
	require.NoError(t, err)
	err = c.Submit(t.Context(), 7, protocol.Leave{Account: protocol.Account(alice.String())})
	var refused *chain.TxError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "run 7: no such run", refused.Error())
	require.Equal(t, roundtypes.ErrNoRun.ABCICode(), refused.Code)
	require.False(t, errors.Is(err, protocol.ErrInvalid))
	coins := sdk.NewCoins(sdk.NewInt64Coin(app.BondDenom, 1))
	r, err := c.Send(t.Context(), banktypes.NewMsgSend(alice.Address(), alice.Address(), coins))
	require.NoError(t, err)
	require.Greater(t, r.TxResult.GasWanted, r.TxResult.GasUsed)
}
