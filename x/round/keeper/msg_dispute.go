package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// ofAudits loads a round's header, the account's vote, the parts of the
// trainers whose work was audited, and the disputes.
func (k Keeper) ofAudits(round uint64, account protocol.Account, findings []protocol.Finding) loader {
	return func(ctx context.Context, s *session) error {
		if err := k.disputed(ctx, s, round, account); err != nil {
			return err
		}
		r := s.Find(round)
		if r == nil || len(findings) > protocol.MaxFindings {
			return nil // the rule refuses it
		}
		var trainers []string
		for _, f := range findings {
			trainers = append(trainers, string(f.Trainer))
		}
		slices.Sort(trainers)
		r.Parts = nil // an attester has none
		for _, trainer := range slices.Compact(trainers) {
			part, err := k.parts.Get(ctx, collections.Join3(s.Run.ID, round, trainer))
			if err != nil {
				return types.ErrNoPart.Wrapf("%s in round %d of run %d", trainer, round, s.Run.ID)
			}
			if err := k.addPart(s, r, part); err != nil {
				return err
			}
		}
		return nil
	}
}

// Dispute implements types.MsgServer.
func (m msgServer) Dispute(ctx context.Context, msg *types.MsgDispute) (*types.MsgDisputeResponse, error) {
	accuser, err := canonical(msg.Accuser)
	if err != nil {
		return nil, err
	}
	trainer, err := canonical(msg.Trainer)
	if err != nil {
		return nil, err
	}
	if m.bank.BlockedAddr(sdk.MustAccAddressFromBech32(string(accuser))) {
		return nil, types.ErrInvalid.Wrapf("%s cannot be paid, so it cannot accuse", accuser)
	}
	return &types.MsgDisputeResponse{}, m.act(ctx, msg.Run, m.ofSlot(msg.Round, trainer), protocol.DisputeWork{
		Account: accuser, Round: msg.Round, Trainer: trainer, Slot: msg.Slot,
	})
}

// Judge implements types.MsgServer.
func (m msgServer) Judge(ctx context.Context, msg *types.MsgJudge) (*types.MsgJudgeResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	blind, err := types.ParseDigest("blind", msg.Blind)
	if err != nil {
		return nil, err
	}
	return &types.MsgJudgeResponse{}, m.act(ctx, msg.Run, m.ofSlot(msg.Round, account), protocol.Judge{
		Account: account, Round: msg.Round, Slot: msg.Slot, Blind: blind,
	})
}

// Conclude implements types.MsgServer.
func (m msgServer) Conclude(ctx context.Context, msg *types.MsgConclude) (*types.MsgConcludeResponse, error) {
	event, err := conclude(msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgConcludeResponse{}, m.act(ctx, msg.Run, m.ofAccused(msg.Round, msg.Slot), event)
}

func conclude(msg *types.MsgConclude) (event protocol.Conclude, err error) {
	event.Round, event.Slot = msg.Round, msg.Slot
	if event.Account, err = canonical(msg.Attester); err != nil {
		return event, err
	}
	if event.Ruling, err = msg.Ruling.Protocol(); err != nil {
		return event, err
	}
	if event.Committed, err = types.ParseDigest("committed", msg.Committed); err != nil {
		return event, err
	}
	event.Path, err = types.ParseDigests("path", msg.Path)
	return event, err
}

// ofAccused loads a round's header, its disputes, and the part of the trainer
// that the dispute over a slot accuses.
func (k Keeper) ofAccused(round uint64, slot uint32) loader {
	return func(ctx context.Context, s *session) error {
		dispute, err := k.disputes.Get(ctx, collections.Join3(s.Run.ID, round, slot))
		if err != nil {
			return types.Registered(protocol.ErrPhase).Wrapf("slot %d of round %d is not under dispute", slot, round)
		}
		return k.disputed(ctx, s, round, protocol.Account(dispute.Trainer))
	}
}

// Pardon implements types.MsgServer.
func (m msgServer) Pardon(ctx context.Context, msg *types.MsgPardon) (*types.MsgPardonResponse, error) {
	if err := m.governs(ctx, msg.Authority); err != nil {
		return nil, err
	}
	addr, err := sdk.AccAddressFromBech32(msg.Account)
	if err != nil {
		return nil, err
	}
	amount, err := m.workers.Pardon(ctx, addr, msg.Run, msg.Round)
	if err != nil {
		return nil, err
	}
	round, err := m.rounds.Get(ctx, collections.Join(msg.Run, msg.Round))
	if err != nil {
		return nil, types.ErrNoRound.Wrapf("round %d of run %d", msg.Round, msg.Run)
	}
	checkpoint, err := types.ParseDigest("checkpoint", round.Result.Checkpoint)
	if err != nil {
		return nil, err
	}
	return &types.MsgPardonResponse{Amount: amount.String()}, m.models.Untaint(ctx, checkpoint, protocol.Account(addr.String()))
}
