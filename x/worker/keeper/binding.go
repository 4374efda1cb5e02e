package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/worker/types"
)

// opened is a checked envelope.
type opened struct {
	binding types.Binding
	peer    string
}

// open checks that a node key signed to belong to this worker now, and uses the worker's nonce up.
func (k Keeper) open(ctx context.Context, w *types.Worker, envelope []byte) (opened, error) {
	sctx := sdk.UnwrapSDKContext(ctx)
	sctx.GasMeter().ConsumeGas(types.EnvelopeGas, "node key signature")
	b, id, err := types.OpenBinding(envelope)
	if err != nil {
		return opened{}, err
	}
	if err := b.Check(sctx.ChainID(), w.Address, w.Nonce); err != nil {
		return opened{}, err
	}
	w.Nonce++
	return opened{binding: b, peer: id.String()}, nil
}

// bind gives a node to a worker, in place of the one it had.
func (k Keeper) bind(ctx context.Context, addr sdk.AccAddress, w types.Worker, peer string) error {
	taken, err := k.peers.Get(ctx, peer)
	if err == nil {
		return types.ErrPeerTaken.Wrapf("%s by %s", peer, sdk.AccAddress(taken))
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if w.PeerId != "" {
		if err := k.peers.Remove(ctx, w.PeerId); err != nil {
			return err
		}
	}
	w.PeerId = peer
	if err := k.peers.Set(ctx, peer, addr); err != nil {
		return err
	}
	return k.set(ctx, addr, w)
}

func (k Keeper) find(ctx context.Context, bech string) (sdk.AccAddress, types.Worker, error) {
	addr, err := account(bech)
	if err != nil {
		return nil, types.Worker{}, err
	}
	w, err := k.worker(ctx, addr)
	return addr, w, err
}

func account(bech string) (sdk.AccAddress, error) {
	addr, err := sdk.AccAddressFromBech32(bech)
	if err != nil {
		return nil, types.ErrInvalid.Wrapf("account %q: %s", bech, err)
	}
	return addr, nil
}

func (k Keeper) set(ctx context.Context, addr sdk.AccAddress, w types.Worker) error {
	if err := k.workers.Set(ctx, addr, w); err != nil {
		return err
	}
	return emit(ctx, &types.EventWorker{Worker: w.Address, PeerId: w.PeerId, Validator: w.Validator})
}
