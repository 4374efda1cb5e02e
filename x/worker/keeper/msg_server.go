package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/weftnet/weft/x/worker/types"
)

type msgServer struct{ Keeper }

// NewMsgServer returns the transaction service.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{k} }

// Register implements types.MsgServer.
func (s msgServer) Register(ctx context.Context, msg *types.MsgRegister) (*types.MsgRegisterResponse, error) {
	addr, err := sdk.AccAddressFromBech32(msg.Account)
	if err != nil {
		return nil, err
	}
	// What such an account is owed could never be paid back, and a bond that cannot be paid would stop the chain.
	if s.bank.BlockedAddr(addr) {
		return nil, types.ErrInvalid.Wrapf("%s takes no coins", msg.Account)
	}
	known, err := s.workers.Has(ctx, addr)
	if err != nil {
		return nil, err
	}
	if known {
		return nil, types.ErrRegistered.Wrap(msg.Account)
	}
	w := types.Worker{Address: addr.String(), RegisteredHeight: sdk.UnwrapSDKContext(ctx).BlockHeight()}
	b, err := s.open(ctx, &w, msg.Envelope)
	if err != nil {
		return nil, err
	}
	w.Addrs = b.binding.Addrs
	return &types.MsgRegisterResponse{PeerId: b.peer}, s.bind(ctx, addr, w, b.peer)
}

// UpdateAddrs implements types.MsgServer.
func (s msgServer) UpdateAddrs(ctx context.Context, msg *types.MsgUpdateAddrs) (*types.MsgUpdateAddrsResponse, error) {
	addr, w, err := s.find(ctx, msg.Account)
	if err != nil {
		return nil, err
	}
	b, err := s.open(ctx, &w, msg.Envelope)
	if err != nil {
		return nil, err
	}
	if b.peer != w.PeerId {
		return nil, types.ErrWrongPeer.Wrapf("%s, want %s", b.peer, w.PeerId)
	}
	w.Addrs = b.binding.Addrs
	return &types.MsgUpdateAddrsResponse{}, s.set(ctx, addr, w)
}

// RotateKey implements types.MsgServer.
func (s msgServer) RotateKey(ctx context.Context, msg *types.MsgRotateKey) (*types.MsgRotateKeyResponse, error) {
	addr, w, err := s.find(ctx, msg.Account)
	if err != nil {
		return nil, err
	}
	b, err := s.open(ctx, &w, msg.Envelope)
	if err != nil {
		return nil, err
	}
	w.Addrs = b.binding.Addrs
	return &types.MsgRotateKeyResponse{PeerId: b.peer}, s.bind(ctx, addr, w, b.peer)
}

// LinkValidator implements types.MsgServer.
func (s msgServer) LinkValidator(ctx context.Context, msg *types.MsgLinkValidator) (*types.MsgLinkValidatorResponse, error) {
	op, err := sdk.ValAddressFromBech32(msg.Operator)
	if err != nil {
		return nil, err
	}
	addr, w, err := s.find(ctx, msg.Worker)
	if err != nil {
		return nil, err
	}
	if w.Validator != "" {
		return nil, types.ErrLinked.Wrapf("%s to %s", w.Address, w.Validator)
	}
	if err := s.linkable(ctx, op); err != nil {
		return nil, err
	}
	w.Validator = op.String()
	if err := s.validators.Set(ctx, op, addr); err != nil {
		return nil, err
	}
	return &types.MsgLinkValidatorResponse{}, s.set(ctx, addr, w)
}

// linkable checks that the validator exists and has no worker.
func (s msgServer) linkable(ctx context.Context, op sdk.ValAddress) error {
	if _, err := s.staking.GetValidator(ctx, op); errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return types.ErrNoValidator.Wrap(op.String())
	} else if err != nil {
		return err
	}
	taken, err := s.validators.Get(ctx, op)
	if err == nil {
		return types.ErrLinked.Wrapf("%s to %s", op, sdk.AccAddress(taken))
	}
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}

// Unlink implements types.MsgServer.
func (s msgServer) Unlink(ctx context.Context, msg *types.MsgUnlink) (*types.MsgUnlinkResponse, error) {
	sender, err := sdk.AccAddressFromBech32(msg.Sender)
	if err != nil {
		return nil, err
	}
	addr, w, err := s.find(ctx, msg.Worker)
	if err != nil {
		return nil, err
	}
	if w.Validator == "" {
		return nil, types.ErrNotLinked.Wrap(msg.Worker)
	}
	op, err := sdk.ValAddressFromBech32(w.Validator)
	if err != nil {
		return nil, err
	}
	if !sender.Equals(addr) && !sender.Equals(sdk.AccAddress(op)) {
		return nil, types.ErrInvalid.Wrapf("%s is neither the worker nor its validator", msg.Sender)
	}
	w.Validator = ""
	if err := s.validators.Remove(ctx, op); err != nil {
		return nil, err
	}
	return &types.MsgUnlinkResponse{}, s.set(ctx, addr, w)
}
