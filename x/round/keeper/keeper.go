package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// Keys of parts and votes: run, round, account in text, which sorts them the
// way the rules want them.
type (
	roundKey  = collections.Pair[uint64, uint64]
	memberKey = collections.Triple[uint64, uint64, string]
	slotKey   = collections.Triple[uint64, uint64, uint32]
	wakeKey   = collections.Pair[time.Time, uint64]
)

// Keeper owns runs, rounds, parts, votes, disputes and what is owed.
type Keeper struct {
	cdc       codec.BinaryCodec
	workers   types.WorkerKeeper
	models    types.ModelKeeper
	shares    types.ShareKeeper
	bank      types.BankKeeper
	authority string

	schema    collections.Schema
	params    collections.Item[types.Params]
	runs      collections.Map[uint64, types.Run]
	rounds    collections.Map[roundKey, types.Round]
	parts     collections.Map[memberKey, types.Part]
	votes     collections.Map[memberKey, types.Vote]
	deadlines collections.KeySet[wakeKey] // (when to look again, run); one for each run that has not ended
	owed      collections.Map[string, uint64]
	disputes  collections.Map[slotKey, types.Dispute]
}

// NewKeeper builds a Keeper. authority is the bech32 address that may open,
// pause, resume and cancel runs and change the parameters.
func NewKeeper(ss store.KVStoreService, cdc codec.BinaryCodec, workers types.WorkerKeeper, models types.ModelKeeper,
	shares types.ShareKeeper, bank types.BankKeeper, authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(ss)
	member := collections.TripleKeyCodec(collections.Uint64Key, collections.Uint64Key, collections.StringKey)
	k := Keeper{
		cdc: cdc, workers: workers, models: models, shares: shares, bank: bank, authority: authority,
		params: collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		runs:   collections.NewMap(sb, types.RunsPrefix, "runs", collections.Uint64Key, codec.CollValue[types.Run](cdc)),
		rounds: collections.NewMap(sb, types.RoundsPrefix, "rounds",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key), codec.CollValue[types.Round](cdc)),
		parts: collections.NewMap(sb, types.PartsPrefix, "parts", member, codec.CollValue[types.Part](cdc)),
		votes: collections.NewMap(sb, types.VotesPrefix, "votes", member, codec.CollValue[types.Vote](cdc)),
		deadlines: collections.NewKeySet(sb, types.DeadlinesPrefix, "deadlines",
			collections.PairKeyCodec(sdk.TimeKey, collections.Uint64Key)),
		owed: collections.NewMap(sb, types.OwedPrefix, "owed", collections.StringKey, collections.Uint64Value),
		disputes: collections.NewMap(sb, types.DisputesPrefix, "disputes",
			collections.TripleKeyCodec(collections.Uint64Key, collections.Uint64Key, collections.Uint32Key), codec.CollValue[types.Dispute](cdc)),
	}
	var err error
	k.schema, err = sb.Build()
	return k, err
}

// canonical parses an address and returns the account in the one text form
// that the rules compare: bech32 also has an upper-case one.
func canonical(text string) (protocol.Account, error) {
	addr, err := sdk.AccAddressFromBech32(text)
	if err != nil {
		return "", types.ErrInvalid.Wrapf("address %q: %s", text, err)
	}
	return protocol.Account(addr.String()), nil
}

func now(ctx context.Context) time.Time { return sdk.UnwrapSDKContext(ctx).BlockTime().UTC() }

func emit(ctx context.Context, ev proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(ev)
}

// run reads a run.
func (k Keeper) run(ctx context.Context, id uint64) (types.Run, error) {
	r, err := k.runs.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return r, types.ErrNoRun.Wrapf("run %d", id)
	}
	return r, err
}

// nextRun is the id of a new run.
func (k Keeper) nextRun(ctx context.Context) (uint64, error) {
	iter, err := k.runs.Iterate(ctx, new(collections.Range[uint64]).Descending())
	if err != nil {
		return 0, err
	}
	if !iter.Valid() {
		return 1, iter.Close()
	}
	last, err := iter.Key()
	return last + 1, errors.Join(err, iter.Close())
}

// setWake moves the run's place in the index of deadlines. The zero time takes
// it out.
func (k Keeper) setWake(ctx context.Context, run *types.Run, wake time.Time) error {
	if run.Wake.Equal(wake) {
		return nil
	}
	if !run.Wake.IsZero() {
		if err := k.deadlines.Remove(ctx, collections.Join(run.Wake, run.Id)); err != nil {
			return err
		}
	}
	run.Wake = wake
	if wake.IsZero() {
		return nil
	}
	return k.deadlines.Set(ctx, collections.Join(wake, run.Id))
}
