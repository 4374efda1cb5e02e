package keeper

import (
	"context"
	"time"

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
	st, err := s.deposit(ctx, from, msg.Model, msg.Amount, params.StreamTime)
	if err != nil {
		return nil, err
	}
	return &types.MsgDepositResponse{}, emit(ctx, &types.EventDeposit{
		Model: msg.Model, Depositor: msg.Depositor, Amount: msg.Amount.String(), Pending: st.PendingCoin().String(), Until: st.Until,
	})
}

func (s msgServer) deposit(ctx context.Context, from sdk.AccAddress, model string, c sdk.Coin, over time.Duration) (types.Stream, error) {
	p, _, err := s.released(ctx, model)
	if err != nil {
		return types.Stream{}, err
	}
	st, err := p.Deposit(c, now(ctx), over)
	if err != nil {
		return types.Stream{}, err
	}
	if err := s.pools.Set(ctx, model, p); err != nil {
		return types.Stream{}, err
	}
	return st, s.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, sdk.NewCoins(c))
}

// Claim implements types.MsgServer.
func (s msgServer) Claim(ctx context.Context, msg *types.MsgClaim) (*types.MsgClaimResponse, error) {
	holder, err := sdk.AccAddressFromBech32(msg.Holder)
	if err != nil {
		return nil, err
	}
	coins, p, err := s.claim(ctx, holder, msg.Model)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimResponse{Paid: coins}, emit(ctx, &types.EventClaim{
		Model: msg.Model, Holder: msg.Holder, Amount: coins.String(), Pending: p.Pending().String(),
	})
}

func (s msgServer) claim(ctx context.Context, holder sdk.AccAddress, model string) (sdk.Coins, types.Pool, error) {
	p, _, err := s.released(ctx, model)
	if err != nil {
		return nil, p, err
	}
	pos, err := s.position(ctx, holder, model)
	if err != nil {
		return nil, p, err
	}
	coins := pos.Take(p)
	if err := p.Paid(coins); err != nil {
		return nil, p, err
	}
	if err := s.setPosition(ctx, holder, model, pos); err != nil {
		return nil, p, err
	}
	if err := s.pools.Set(ctx, model, p); err != nil {
		return nil, p, err
	}
	if coins.Empty() {
		return nil, p, nil
	}
	return coins, p, s.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, holder, coins)
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
