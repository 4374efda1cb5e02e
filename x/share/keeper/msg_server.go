package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/weftnet/weft/x/share/types"
)

type msgServer struct{ Keeper }

// NewMsgServer returns the transaction service.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{k} }

// Deposit implements types.MsgServer.
func (s msgServer) Deposit(ctx context.Context, msg *types.MsgDeposit) (*types.MsgDepositResponse, error) {
	from, err := sdk.AccAddressFromBech32(msg.Depositor)
	if err != nil {
		return nil, err
	}
	params, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.Check(msg.Amount); err != nil {
		return nil, err
	}
	if err := s.deposit(ctx, from, msg.Model, msg.Amount); err != nil {
		return nil, err
	}
	return &types.MsgDepositResponse{}, emit(ctx, &types.EventDeposit{Model: msg.Model, Depositor: msg.Depositor, Amount: msg.Amount.String()})
}

func (s msgServer) deposit(ctx context.Context, from sdk.AccAddress, model string, c sdk.Coin) error {
	p, err := s.pool(ctx, model)
	if err != nil {
		return err
	}
	if err := p.Deposit(c); err != nil {
		return err
	}
	if err := s.pools.Set(ctx, model, p); err != nil {
		return err
	}
	return s.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, sdk.NewCoins(c))
}

// Claim implements types.MsgServer.
func (s msgServer) Claim(ctx context.Context, msg *types.MsgClaim) (*types.MsgClaimResponse, error) {
	holder, err := sdk.AccAddressFromBech32(msg.Holder)
	if err != nil {
		return nil, err
	}
	coins, err := s.claim(ctx, holder, msg.Model)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimResponse{Paid: coins}, emit(ctx, &types.EventClaim{Model: msg.Model, Holder: msg.Holder, Amount: coins.String()})
}

func (s msgServer) claim(ctx context.Context, holder sdk.AccAddress, model string) (sdk.Coins, error) {
	p, err := s.pool(ctx, model)
	if err != nil {
		return nil, err
	}
	pos, err := s.position(ctx, holder, model)
	if err != nil {
		return nil, err
	}
	coins := pos.Take(p)
	if err := p.Paid(coins); err != nil {
		return nil, err
	}
	if err := s.setPosition(ctx, holder, model, pos); err != nil {
		return nil, err
	}
	if coins.Empty() {
		return nil, nil
	}
	if err := s.pools.Set(ctx, model, p); err != nil {
		return nil, err
	}
	return coins, s.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, holder, coins)
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.params.Set(ctx, msg.Params)
}

func emit(ctx context.Context, ev proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(ev)
}
