package keeper

import (
	"context"
	"crypto/sha256"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// world answers the rules' questions from the other modules.
type world struct {
	ctx   context.Context
	k     Keeper
	model string
}

var _ protocol.World = world{}

// Standing implements protocol.World.
func (w world) Standing(account protocol.Account) (bool, time.Time, error) {
	addr, err := sdk.AccAddressFromBech32(string(account))
	if err != nil {
		return false, time.Time{}, err
	}
	return w.k.workers.Standing(w.ctx, addr)
}

// Weight implements protocol.World.
func (w world) Weight(account protocol.Account) (uint64, error) {
	addr, err := sdk.AccAddressFromBech32(string(account))
	if err != nil {
		return 0, err
	}
	return w.k.workers.Weight(w.ctx, addr)
}

// Terms implements protocol.World.
func (w world) Terms() (protocol.Terms, error) {
	params, err := w.k.params.Get(w.ctx)
	return params.Terms(), err
}

// BlockHash implements protocol.World.
func (w world) BlockHash() digest.Digest {
	return sha256.Sum256(sdk.UnwrapSDKContext(w.ctx).HeaderHash())
}

// Model implements protocol.World.
func (w world) Model() (protocol.ModelInfo, error) { return w.k.models.RunModel(w.ctx, w.model) }
