package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/share/types"
)

// Keeper owns pools and positions.
type Keeper struct {
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	denoms    types.MetadataKeeper
	authority string
	self      sdk.AccAddress
	modules   map[string]bool // raw addresses of all module accounts

	schema    collections.Schema
	params    collections.Item[types.Params]
	pools     collections.Map[string, types.Pool]
	positions collections.Map[collections.Pair[sdk.AccAddress, string], types.Position] // (holder, model)
}

// NewKeeper builds a Keeper. authority is the bech32 address that may change the parameters.
func NewKeeper(ss store.KVStoreService, cdc codec.BinaryCodec, accounts types.AccountKeeper, bank types.BankKeeper,
	denoms types.MetadataKeeper, authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(ss)
	k := Keeper{
		accounts: accounts, bank: bank, denoms: denoms, authority: authority,
		self: accounts.GetModuleAddress(types.ModuleName), modules: map[string]bool{},
		params: collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		pools:  collections.NewMap(sb, types.PoolsPrefix, "pools", collections.StringKey, codec.CollValue[types.Pool](cdc)),
		positions: collections.NewMap(sb, types.PositionsPrefix, "positions",
			collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey), codec.CollValue[types.Position](cdc)),
	}
	if k.self == nil {
		return Keeper{}, errors.New("x/share needs a module account that may mint")
	}
	for name := range accounts.GetModulePermissions() {
		k.modules[string(accounts.GetModuleAddress(name))] = true
	}
	var err error
	k.schema, err = sb.Build()
	return k, err
}

// RegisterPool creates the pool of a model that may never have more than maxSupply shares, and describes them to x/bank.
func (k Keeper) RegisterPool(ctx context.Context, model string, maxSupply math.Int) error {
	p, err := types.NewPool(model, maxSupply)
	if err != nil {
		return err
	}
	has, err := k.pools.Has(ctx, model)
	if err != nil {
		return err
	}
	if has {
		return types.ErrPoolExists.Wrap(model)
	}
	k.denoms.SetDenomMetaData(ctx, types.Metadata(model))
	return k.pools.Set(ctx, model, p)
}

// Mint gives to an account up to amount new shares of a model: as many as the maximum supply leaves room for. It returns how many. The new
// shares earn what is released from now on, also of deposits made before.
func (k Keeper) Mint(ctx context.Context, model string, to sdk.AccAddress, amount math.Int) (math.Int, error) {
	p, _, err := k.released(ctx, model)
	if err != nil {
		return math.Int{}, err
	}
	if amount.IsNil() || amount.IsNegative() {
		return math.Int{}, types.ErrInvalid.Wrapf("mint of %s shares", amount)
	}
	n := p.Room(amount)
	if n.IsZero() {
		return n, nil
	}
	// What was released belongs to the shares that existed before: the pool is released by now.
	p.Supply = p.Supply.Add(n)
	if err := k.pools.Set(ctx, model, p); err != nil {
		return math.Int{}, err
	}
	coins := sdk.NewCoins(sdk.NewCoin(types.DenomPrefix+model, n))
	if err := k.bank.MintCoins(ctx, types.ModuleName, coins); err != nil {
		return math.Int{}, err
	}
	// The send restriction opens or grows the holder's position.
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins); err != nil {
		return math.Int{}, err
	}
	return n, emit(ctx, &types.EventMint{Model: model, To: to.String(), Amount: n.String(), Supply: p.Supply.String()})
}

// Left returns how many shares of a model may still be minted.
func (k Keeper) Left(ctx context.Context, model string) (math.Int, error) {
	p, err := k.pool(ctx, model)
	if err != nil {
		return math.Int{}, err
	}
	return p.MaxSupply.Sub(p.Supply), nil
}

// released returns the pool released up to the block's time, and whether that changed it: then whoever settles a position against it
// must store it.
func (k Keeper) released(ctx context.Context, model string) (types.Pool, bool, error) {
	p, err := k.pool(ctx, model)
	if err != nil {
		return p, false, err
	}
	return p, p.Release(now(ctx)), nil
}

func (k Keeper) pool(ctx context.Context, model string) (types.Pool, error) {
	p, err := k.pools.Get(ctx, model)
	if errors.Is(err, collections.ErrNotFound) {
		return p, types.ErrNoPool.Wrap(model)
	}
	return p, err
}

func (k Keeper) position(ctx context.Context, holder sdk.AccAddress, model string) (types.Position, error) {
	pos, err := k.positions.Get(ctx, collections.Join(holder, model))
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewPosition(), nil
	}
	return pos, err
}

func (k Keeper) setPosition(ctx context.Context, holder sdk.AccAddress, model string, pos types.Position) error {
	key := collections.Join(holder, model)
	if pos.Empty() {
		return k.positions.Remove(ctx, key)
	}
	return k.positions.Set(ctx, key, pos)
}

func now(ctx context.Context) time.Time { return sdk.UnwrapSDKContext(ctx).BlockTime().UTC() }
