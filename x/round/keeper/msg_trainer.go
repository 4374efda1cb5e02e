package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// Enrol implements types.MsgServer.
func (m msgServer) Enrol(ctx context.Context, msg *types.MsgEnrol) (*types.MsgEnrolResponse, error) {
	account, err := canonical(msg.Trainer)
	if err != nil {
		return nil, err
	}
	return &types.MsgEnrolResponse{}, m.act(ctx, msg.Run, m.justRun, protocol.Enrol{Account: account, Slots: msg.Slots})
}

// Leave implements types.MsgServer.
func (m msgServer) Leave(ctx context.Context, msg *types.MsgLeave) (*types.MsgLeaveResponse, error) {
	account, err := canonical(msg.Account)
	if err != nil {
		return nil, err
	}
	return &types.MsgLeaveResponse{}, m.act(ctx, msg.Run, m.justRun, protocol.Leave{Account: account})
}

// Commit implements types.MsgServer.
func (m msgServer) Commit(ctx context.Context, msg *types.MsgCommit) (*types.MsgCommitResponse, error) {
	account, err := canonical(msg.Trainer)
	if err != nil {
		return nil, err
	}
	commit, err := msg.Commit.Protocol()
	if err != nil {
		return nil, err
	}
	return &types.MsgCommitResponse{}, m.act(ctx, msg.Run, m.ofMember(msg.Round, account), protocol.CommitWork{
		Account: account, Round: msg.Round, Slot: msg.Slot, Commit: commit,
	})
}

// ClaimPay implements types.MsgServer.
func (m msgServer) ClaimPay(ctx context.Context, msg *types.MsgClaimPay) (*types.MsgClaimPayResponse, error) {
	account, err := canonical(msg.Account)
	if err != nil {
		return nil, err
	}
	amount, err := m.owed.Get(ctx, string(account))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNothingOwed.Wrap(string(account))
	}
	if err != nil {
		return nil, err
	}
	if err := m.payOut(ctx, account, amount); err != nil {
		return nil, err
	}
	return &types.MsgClaimPayResponse{Amount: amount}, emit(ctx, &types.EventClaimed{Account: string(account), Amount: amount})
}

func (k Keeper) payOut(ctx context.Context, account protocol.Account, amount uint64) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	addr, err := sdk.AccAddressFromBech32(string(account))
	if err != nil {
		return err
	}
	if err := k.owed.Remove(ctx, string(account)); err != nil {
		return err
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, addr, sdk.NewCoins(coin(params, amount)))
}
