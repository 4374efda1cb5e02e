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
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/weftnet/weft/x/worker/types"
)

// bondKey is (worker, run).
type bondKey = collections.Pair[sdk.AccAddress, uint64]

// unlockKey is (unlock time, worker, run).
type unlockKey = collections.Triple[time.Time, sdk.AccAddress, uint64]

// penaltyKey is (run, round, worker).
type penaltyKey = collections.Triple[uint64, uint64, sdk.AccAddress]

// executionKey is (when, penalty).
type executionKey = collections.Pair[time.Time, penaltyKey]

// Keeper owns workers, bonds and slashes.
type Keeper struct {
	accounts types.AccountKeeper
	bank     types.BankKeeper
	staking  types.StakingKeeper
	self     sdk.AccAddress

	schema     collections.Schema
	workers    collections.Map[sdk.AccAddress, types.Worker]
	peers      collections.Map[string, []byte]         // text of the peer id to account
	validators collections.Map[sdk.ValAddress, []byte] // operator to account
	bonds      collections.Map[bondKey, types.Bond]
	unlocks    collections.KeySet[unlockKey]
	penalties  collections.Map[penaltyKey, types.Penalty]
	executions collections.KeySet[executionKey]
	burned     collections.Map[string, math.Int] // by denom
}

// NewKeeper builds a Keeper.
func NewKeeper(ss store.KVStoreService, cdc codec.BinaryCodec, accounts types.AccountKeeper, bank types.BankKeeper,
	staking types.StakingKeeper) (Keeper, error) {
	sb := collections.NewSchemaBuilder(ss)
	k := Keeper{
		accounts: accounts, bank: bank, staking: staking, self: accounts.GetModuleAddress(types.ModuleName),
		workers:    collections.NewMap(sb, types.WorkersPrefix, "workers", sdk.AccAddressKey, codec.CollValue[types.Worker](cdc)),
		peers:      collections.NewMap(sb, types.PeersPrefix, "peers", collections.StringKey, collections.BytesValue),
		validators: collections.NewMap(sb, types.ValidatorsPrefix, "validators", sdk.ValAddressKey, collections.BytesValue),
		bonds: collections.NewMap(sb, types.BondsPrefix, "bonds",
			collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key), codec.CollValue[types.Bond](cdc)),
		unlocks: collections.NewKeySet(sb, types.UnlocksPrefix, "unlocks",
			collections.TripleKeyCodec(sdk.TimeKey, sdk.AccAddressKey, collections.Uint64Key)),
	}
	if k.self == nil {
		return Keeper{}, errors.New("x/worker needs a module account")
	}
	penalty := collections.TripleKeyCodec(collections.Uint64Key, collections.Uint64Key, sdk.AccAddressKey)
	k.penalties = collections.NewMap(sb, types.PenaltiesPrefix, "penalties", penalty, codec.CollValue[types.Penalty](cdc))
	k.executions = collections.NewKeySet(sb, types.ExecutionsPrefix, "executions", collections.PairKeyCodec(sdk.TimeKey, penalty))
	k.burned = collections.NewMap(sb, types.BurnedPrefix, "burned", collections.StringKey, sdk.IntValue)
	var err error
	k.schema, err = sb.Build()
	return k, err
}

// Standing tells whether an account is a worker, and until when it is jailed; the zero time when it is not.
func (k Keeper) Standing(ctx context.Context, addr sdk.AccAddress) (registered bool, jailedUntil time.Time, err error) {
	w, err := k.workers.Get(ctx, addr)
	if errors.Is(err, collections.ErrNotFound) {
		return false, time.Time{}, nil
	}
	if err == nil && w.JailedUntil != nil {
		jailedUntil = *w.JailedUntil
	}
	return err == nil, jailedUntil, err
}

// Weight returns the bonded tokens of the validator that an account is linked to: 0 when it is not linked, or the validator is gone,
// not bonded, or jailed.
func (k Keeper) Weight(ctx context.Context, addr sdk.AccAddress) (uint64, error) {
	w, err := k.workers.Get(ctx, addr)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	if err != nil || w.Validator == "" {
		return 0, err
	}
	return k.weight(ctx, w.Validator)
}

func (k Keeper) weight(ctx context.Context, validator string) (uint64, error) {
	op, err := sdk.ValAddressFromBech32(validator)
	if err != nil {
		return 0, err
	}
	v, err := k.staking.GetValidator(ctx, op)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return 0, nil
	}
	if err != nil || v.IsJailed() {
		return 0, err
	}
	tokens := v.BondedTokens()
	if !tokens.IsUint64() {
		return 0, types.ErrWeight.Wrapf("%s has %s", validator, tokens)
	}
	return tokens.Uint64(), nil
}

func (k Keeper) worker(ctx context.Context, addr sdk.AccAddress) (types.Worker, error) {
	w, err := k.workers.Get(ctx, addr)
	if errors.Is(err, collections.ErrNotFound) {
		return w, types.ErrNoWorker.Wrap(addr.String())
	}
	return w, err
}

func emit(ctx context.Context, ev proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(ev)
}
