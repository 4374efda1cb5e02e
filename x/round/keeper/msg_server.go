package keeper

import (
	"context"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

type msgServer struct{ Keeper }

// NewMsgServer returns the transaction service.
func NewMsgServer(k Keeper) types.MsgServer { return msgServer{k} }

// loader adds to a session what a rule needs.
type loader func(ctx context.Context, s *session) error

// act applies one event: load, rule, store, steps. The run is due at the end
// of the block.
func (k Keeper) act(ctx context.Context, run uint64, load loader, event protocol.Event) error {
	s, err := k.begin(ctx, run)
	if err != nil {
		return err
	}
	if err := load(ctx, s); err != nil {
		return err
	}
	steps, err := s.Apply(now(ctx), world{ctx, k, s.Run.Spec.Model}, event)
	if err != nil {
		return types.Refusal(err)
	}
	if err := k.save(ctx, s, now(ctx)); err != nil {
		return err
	}
	return k.carryOut(ctx, steps)
}

// justRun loads the run and the header of its round under way.
func (k Keeper) justRun(ctx context.Context, s *session) error {
	if s.Run.Current == 0 {
		return nil
	}
	_, err := k.header(ctx, s, s.Run.Current)
	return err
}

// ofMember loads a round's header and what the account did in it.
func (k Keeper) ofMember(round uint64, account protocol.Account) loader {
	return func(ctx context.Context, s *session) error { return k.member(ctx, s, round, account) }
}

// ofSlot loads a round's header, what the account did in it, and its disputes.
func (k Keeper) ofSlot(round uint64, account protocol.Account) loader {
	return func(ctx context.Context, s *session) error { return k.disputed(ctx, s, round, account) }
}

// allOf loads a whole round.
func (k Keeper) allOf(round uint64) loader {
	return func(ctx context.Context, s *session) error { return k.whole(ctx, s, round) }
}
