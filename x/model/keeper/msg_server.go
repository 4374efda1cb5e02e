package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
)

type msgServer struct{ Keeper }

// NewMsgServer returns the transaction service.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{k} }

// CreateModel implements types.MsgServer.
func (s msgServer) CreateModel(ctx context.Context, msg *types.MsgCreateModel) (*types.MsgCreateModelResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	has, err := s.models.Has(ctx, msg.Name)
	if err != nil {
		return nil, err
	}
	if has {
		return nil, types.ErrModelExists.Wrap(msg.Name)
	}
	if err := s.create(ctx, msg); err != nil {
		return nil, err
	}
	return &types.MsgCreateModelResponse{}, emit(ctx, &types.EventModel{Model: msg.Name, Owner: msg.Owner, MetadataUri: msg.MetadataUri})
}

func (s msgServer) create(ctx context.Context, msg *types.MsgCreateModel) error {
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	owner, err := sdk.AccAddressFromBech32(msg.Owner)
	if err != nil {
		return err
	}
	m := types.Model{
		Name: msg.Name, Owner: owner.String(), Base: msg.Base, Tokenizer: msg.Tokenizer, Adapter: msg.Adapter, Licence: msg.Licence,
		MaxShares: msg.MaxShares, MetadataUri: msg.MetadataUri, Genesis: msg.Genesis, Head: msg.Genesis, CreatedHeight: height,
	}
	c := types.Checkpoint{Digest: msg.Genesis, Model: msg.Name, Height: uint64(height), Size_: msg.GenesisSize}
	if err := s.addCheckpoint(ctx, c); err != nil {
		return err
	}
	if err := s.models.Set(ctx, m.Name, m); err != nil {
		return err
	}
	if err := s.treasuries.Set(ctx, m.Name, types.NewTreasury()); err != nil {
		return err
	}
	return s.shares.RegisterPool(ctx, m.Name, math.NewIntFromUint64(m.MaxShares))
}

// TransferModel implements types.MsgServer.
func (s msgServer) TransferModel(ctx context.Context, msg *types.MsgTransferModel) (*types.MsgTransferModelResponse, error) {
	m, err := s.owned(ctx, msg.Model, msg.Owner)
	if err != nil {
		return nil, err
	}
	owner, err := sdk.AccAddressFromBech32(msg.NewOwner)
	if err != nil {
		return nil, types.ErrInvalid.Wrapf("new_owner: %s", err)
	}
	m.Owner = owner.String()
	if err := s.models.Set(ctx, m.Name, m); err != nil {
		return nil, err
	}
	// An approval is the owner's word; the new owner has not given it.
	if err := s.approvals.Clear(ctx, collections.NewPrefixedPairRange[string, []byte](m.Name)); err != nil {
		return nil, err
	}
	return &types.MsgTransferModelResponse{}, emit(ctx, &types.EventModel{Model: m.Name, Owner: m.Owner, MetadataUri: m.MetadataUri})
}

// UpdateMetadata implements types.MsgServer.
func (s msgServer) UpdateMetadata(ctx context.Context, msg *types.MsgUpdateMetadata) (*types.MsgUpdateMetadataResponse, error) {
	m, err := s.owned(ctx, msg.Model, msg.Owner)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateURI(msg.MetadataUri); err != nil {
		return nil, err
	}
	m.MetadataUri = msg.MetadataUri
	if err := s.models.Set(ctx, m.Name, m); err != nil {
		return nil, err
	}
	return &types.MsgUpdateMetadataResponse{}, emit(ctx, &types.EventModel{Model: m.Name, Owner: m.Owner, MetadataUri: m.MetadataUri})
}

// ApproveRun implements types.MsgServer.
func (s msgServer) ApproveRun(ctx context.Context, msg *types.MsgApproveRun) (*types.MsgApproveRunResponse, error) {
	if _, err := s.owned(ctx, msg.Model, msg.Owner); err != nil {
		return nil, err
	}
	spec, err := digest.Parse(msg.Spec)
	if err != nil {
		return nil, types.ErrInvalid.Wrapf("spec: %s", err)
	}
	change := s.approve
	if msg.Revoke {
		change = s.revoke
	}
	if err := change(ctx, msg.Model, spec); err != nil {
		return nil, err
	}
	return &types.MsgApproveRunResponse{}, emit(ctx, &types.EventApproval{Model: msg.Model, Spec: spec.String(), Revoked: msg.Revoke})
}

func (s msgServer) approve(ctx context.Context, model string, spec digest.Digest) error {
	n := 0
	if err := s.approvals.Walk(ctx, collections.NewPrefixedPairRange[string, []byte](model),
		func(collections.Pair[string, []byte]) (bool, error) { n++; return false, nil }); err != nil {
		return err
	}
	if n >= types.MaxApprovals {
		return types.ErrTooMany.Wrapf("%s has %d approvals that no run has used; revoke one", model, n)
	}
	return s.approvals.Set(ctx, collections.Join(model, spec[:]))
}

func (s msgServer) revoke(ctx context.Context, model string, spec digest.Digest) error {
	ok, err := s.Approved(ctx, model, spec)
	if err != nil {
		return err
	}
	if !ok {
		return types.ErrNoApproval.Wrap(spec.String())
	}
	return s.approvals.Remove(ctx, collections.Join(model, spec[:]))
}

// Fund implements types.MsgServer.
func (s msgServer) Fund(ctx context.Context, msg *types.MsgFund) (*types.MsgFundResponse, error) {
	funder, err := sdk.AccAddressFromBech32(msg.Funder)
	if err != nil {
		return nil, err
	}
	m, err := s.model(ctx, msg.Model)
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
	if err := s.bank.SendCoinsFromAccountToModule(ctx, funder, types.ModuleName, sdk.NewCoins(msg.Amount)); err != nil {
		return nil, err
	}
	if err := s.fund(ctx, m.Name, funder, msg.Amount.Amount, m.Owner); err != nil {
		return nil, err
	}
	return &types.MsgFundResponse{}, emit(ctx, &types.EventFund{Model: m.Name, Funder: msg.Funder, Amount: msg.Amount.String()})
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	old, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if old.MinFunding.Denom != msg.Params.MinFunding.Denom {
		return nil, types.ErrInvalid.Wrapf("min_funding: treasuries are kept in %s", old.MinFunding.Denom)
	}
	return &types.MsgUpdateParamsResponse{}, s.params.Set(ctx, msg.Params)
}
