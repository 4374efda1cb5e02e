package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/weftnet/weft/x/model/types"
)

// Keeper owns models, checkpoints, taints, treasuries and approvals.
type Keeper struct {
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	shares    types.ShareKeeper
	community types.CommunityKeeper
	self      sdk.AccAddress
	authority string

	schema      collections.Schema
	params      collections.Item[types.Params]
	models      collections.Map[string, types.Model]
	checkpoints collections.Map[[]byte, types.Checkpoint] // by digest
	treasuries  collections.Map[string, types.Treasury]
	funders     collections.Map[collections.Pair[string, sdk.AccAddress], types.Funding] // (model, funder)
	approvals   collections.KeySet[collections.Pair[string, []byte]]                     // (model, spec digest)
	taints      collections.Map[taintKey, types.Taint]
}

// NewKeeper builds a Keeper. authority is the bech32 address that may change the parameters.
func NewKeeper(ss store.KVStoreService, cdc codec.BinaryCodec, accounts types.AccountKeeper, bank types.BankKeeper,
	shares types.ShareKeeper,
	community types.CommunityKeeper, authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(ss)
	k := Keeper{
		accounts: accounts, bank: bank, shares: shares, community: community, self: accounts.GetModuleAddress(types.ModuleName),
		authority:   authority,
		params:      collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		models:      collections.NewMap(sb, types.ModelsPrefix, "models", collections.StringKey, codec.CollValue[types.Model](cdc)),
		checkpoints: collections.NewMap(sb, types.CheckpointsPrefix, "checkpoints", collections.BytesKey, codec.CollValue[types.Checkpoint](cdc)),
		treasuries:  collections.NewMap(sb, types.TreasuriesPrefix, "treasuries", collections.StringKey, codec.CollValue[types.Treasury](cdc)),
		funders: collections.NewMap(sb, types.FundersPrefix, "funders",
			collections.PairKeyCodec(collections.StringKey, sdk.AccAddressKey), codec.CollValue[types.Funding](cdc)),
		approvals: collections.NewKeySet(sb, types.ApprovalsPrefix, "approvals",
			collections.PairKeyCodec(collections.StringKey, collections.BytesKey)),
		taints: collections.NewMap(sb, types.TaintsPrefix, "taints",
			collections.TripleKeyCodec(collections.StringKey, collections.Uint64Key, collections.StringKey), codec.CollValue[types.Taint](cdc)),
	}
	if k.self == nil {
		return Keeper{}, errors.New("x/model needs a module account")
	}
	var err error
	k.schema, err = sb.Build()
	return k, err
}

func (k Keeper) model(ctx context.Context, name string) (types.Model, error) {
	m, err := k.models.Get(ctx, name)
	if errors.Is(err, collections.ErrNotFound) {
		return m, types.ErrNoModel.Wrap(name)
	}
	return m, err
}

// owned returns a model if owner owns it. The store has addresses in the one text form that accounts are credited by; a message may have
// the other, in capitals.
func (k Keeper) owned(ctx context.Context, name, owner string) (types.Model, error) {
	addr, err := sdk.AccAddressFromBech32(owner)
	if err != nil {
		return types.Model{}, types.ErrInvalid.Wrapf("owner: %s", err)
	}
	m, err := k.model(ctx, name)
	if err == nil && m.Owner != addr.String() {
		err = types.ErrNotOwner.Wrapf("%s belongs to %s", name, m.Owner)
	}
	return m, err
}

func emit(ctx context.Context, ev proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(ev)
}
