package localnet

import (
	"encoding/json"

	"github.com/cosmos/cosmos-sdk/codec"

	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// genesis sets the times of the chain that a person at a screen would not wait for.
func (o Options) genesis(cdc codec.JSONCodec, state map[string]json.RawMessage) error {
	if o.Evidence > 0 {
		g := &roundtypes.GenesisState{}
		if err := change(cdc, state, roundtypes.ModuleName, g, func() { g.Params.EvidenceWindow = o.Evidence }); err != nil {
			return err
		}
	}
	if o.Stream == 0 {
		return nil
	}
	g := &sharetypes.GenesisState{}
	return change(cdc, state, sharetypes.ModuleName, g, func() { g.Params.StreamTime = o.Stream })
}

// message is what a genesis is.
type message interface {
	Reset()
	String() string
	ProtoMessage()
}

func change(cdc codec.JSONCodec, state map[string]json.RawMessage, module string, g message, set func()) error {
	if err := cdc.UnmarshalJSON(state[module], g); err != nil {
		return err
	}
	set()
	raw, err := cdc.MarshalJSON(g)
	state[module] = raw
	return err
}
