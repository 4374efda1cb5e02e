package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/weftnet/weft/x/round/types"
)

// InitGenesis loads the module's state and refuses it when x/bank, which must
// be loaded before, disagrees about the money.
func (k Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if gs.Time != nil {
		gs.Shift(now(ctx).Sub(*gs.Time))
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, run := range gs.Runs {
		if err := k.runs.Set(ctx, run.Id, run); err != nil {
			return err
		}
		if run.Wake.IsZero() {
			continue
		}
		if err := k.deadlines.Set(ctx, collections.Join(run.Wake, run.Id)); err != nil {
			return err
		}
	}
	for _, round := range gs.Rounds {
		if err := k.rounds.Set(ctx, collections.Join(round.Run, round.Number), round); err != nil {
			return err
		}
	}
	for _, part := range gs.Parts {
		if err := k.parts.Set(ctx, collections.Join3(part.Run, part.Round, part.Trainer), part); err != nil {
			return err
		}
	}
	for _, vote := range gs.Votes {
		if err := k.votes.Set(ctx, collections.Join3(vote.Run, vote.Round, vote.Attester), vote); err != nil {
			return err
		}
	}
	for _, owed := range gs.Owed {
		if err := k.owed.Set(ctx, owed.Account, owed.Amount); err != nil {
			return err
		}
	}
	for _, dispute := range gs.Disputes {
		if err := k.disputes.Set(ctx, collections.Join3(dispute.Run, dispute.Round, dispute.Slot), dispute); err != nil {
			return err
		}
	}
	return k.CheckInvariants(ctx)
}

// ExportGenesis dumps the module's state; it is complete in any phase.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	at := now(ctx)
	gs := &types.GenesisState{Time: &at}
	var err error
	if gs.Params, err = k.params.Get(ctx); err != nil {
		return nil, err
	}
	if gs.Runs, err = values(ctx, k.runs); err != nil {
		return nil, err
	}
	if gs.Rounds, err = values(ctx, k.rounds); err != nil {
		return nil, err
	}
	if gs.Parts, err = values(ctx, k.parts); err != nil {
		return nil, err
	}
	if gs.Votes, err = values(ctx, k.votes); err != nil {
		return nil, err
	}
	if gs.Disputes, err = values(ctx, k.disputes); err != nil {
		return nil, err
	}
	err = k.owed.Walk(ctx, nil, func(account string, amount uint64) (bool, error) {
		gs.Owed = append(gs.Owed, types.Owed{Account: account, Amount: amount})
		return false, nil
	})
	return gs, err
}

func values[K, V any](ctx context.Context, m collections.Map[K, V]) ([]V, error) {
	var out []V
	err := m.Walk(ctx, nil, func(_ K, v V) (bool, error) {
		out = append(out, v)
		return false, nil
	})
	return out, err
}
