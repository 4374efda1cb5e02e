package network

import (
	"encoding/json"
	"errors"
	"time"

	"cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/app"
)

// Options choose the shape of a network. The zero value is one validator in memory with blocks every 50 ms.
type Options struct {
	// ChainID defaults to weft-local.
	ChainID string
	// Validators is the number of validators; 0 means 1.
	Validators int
	// Power is the number of whole coins that each validator bonds, by index; 10 where there is no entry.
	Power []int64
	// BlockTime is the pause after each block; 0 means 50 ms.
	BlockTime time.Duration
	// VotingPeriod of ordinary proposals; 0 means 2 s.
	VotingPeriod time.Duration
	// Accounts are funded in genesis, each with 1,000,000 whole coins if it has none of its own.
	Accounts []Account
	// Dir holds the homes of the nodes. Empty means memory, and a temporary folder for what CometBFT insists on writing.
	// A Dir that holds a network already continues it: its keys, genesis and chain.
	Dir string
	// Listen makes every node serve CometBFT's RPC on a loopback port.
	Listen bool
	// Genesis changes the state of the modules before the chain starts.
	Genesis func(cdc codec.JSONCodec, state map[string]json.RawMessage) error
	// ABCI wraps the application of node i, to watch or to disturb what CometBFT asks of it.
	ABCI func(i int, a abci.Application) abci.Application
	// Log shows errors of the nodes on standard error.
	Log bool
}

func (o Options) withDefaults() (Options, error) {
	if o.ChainID == "" {
		o.ChainID = "weft-local"
	}
	if o.Validators == 0 {
		o.Validators = 1
	}
	if o.BlockTime == 0 {
		o.BlockTime = 50 * time.Millisecond
	}
	if o.VotingPeriod == 0 {
		o.VotingPeriod = 2 * time.Second
	}
	if o.Validators < 0 || o.BlockTime < 0 || o.VotingPeriod < 0 {
		return o, errors.New("network: negative option")
	}
	return o, nil
}

func (o Options) power(i int) int64 {
	if i < len(o.Power) {
		return o.Power[i]
	}
	return 10
}

// whole returns n whole coins.
func whole(n int64) sdk.Coin { return sdk.NewCoin(app.BondDenom, math.NewInt(n).MulRaw(1_000_000)) }
