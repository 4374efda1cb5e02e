package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// Ready implements types.MsgServer.
func (m msgServer) Ready(ctx context.Context, msg *types.MsgReady) (*types.MsgReadyResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	return &types.MsgReadyResponse{}, m.act(ctx, msg.Run, m.justRun, protocol.Ready{Account: account})
}

// Witness implements types.MsgServer.
func (m msgServer) Witness(ctx context.Context, msg *types.MsgWitness) (*types.MsgWitnessResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	salt, err := types.ParseDigest("salt_commit", msg.SaltCommit)
	if err != nil {
		return nil, err
	}
	return &types.MsgWitnessResponse{}, m.act(ctx, msg.Run, m.ofMember(msg.Round, account), protocol.Witness{
		Account: account, Round: msg.Round, Ok: msg.Ok, Bad: msg.Bad, Salt: salt,
	})
}

// Attest implements types.MsgServer.
func (m msgServer) Attest(ctx context.Context, msg *types.MsgAttest) (*types.MsgAttestResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	blind, err := types.ParseDigest("blind", msg.Blind)
	if err != nil {
		return nil, err
	}
	salt, err := types.ParseDigest("salt", msg.Salt)
	if err != nil {
		return nil, err
	}
	return &types.MsgAttestResponse{}, m.act(ctx, msg.Run, m.ofMember(msg.Round, account), protocol.Attest{
		Account: account, Round: msg.Round, Blind: blind, Salt: salt,
	})
}

// Reveal implements types.MsgServer.
func (m msgServer) Reveal(ctx context.Context, msg *types.MsgReveal) (*types.MsgRevealResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	outcome, err := msg.Outcome.Protocol()
	if err != nil {
		return nil, err
	}
	if err := m.act(ctx, msg.Run, m.allOf(msg.Round), protocol.Reveal{Account: account, Round: msg.Round, Outcome: outcome}); err != nil {
		return nil, err
	}
	return &types.MsgRevealResponse{}, m.tryAppend(ctx, msg.Run, msg.Round)
}

// tryAppend refuses a result that the model's lineage would not take, while it
// can still be refused: at the end of the block it would stop the run.
func (k Keeper) tryAppend(ctx context.Context, id, number uint64) error {
	s, err := k.begin(ctx, id)
	if err != nil {
		return err
	}
	r, err := k.header(ctx, s, number)
	if err != nil {
		return err
	}
	if r == nil {
		return types.ErrNoRound.Wrapf("round %d of run %d", number, id)
	}
	cached, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
	return k.models.AppendCheckpoint(cached, protocol.Checkpoint{
		Digest: r.Round.Result.Checkpoint, Model: s.Run.Spec.Model, Parent: r.Round.Parent, Run: id, Round: number,
		Height: uint64(cached.BlockHeight()), ContributionsRoot: r.Round.Root, Size: r.Round.Result.Size,
	})
}

// Review implements types.MsgServer.
func (m msgServer) Review(ctx context.Context, msg *types.MsgReview) (*types.MsgReviewResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	blind, err := types.ParseDigest("blind", msg.Blind)
	if err != nil {
		return nil, err
	}
	findings, err := types.ParseFindings(msg.Findings)
	if err != nil {
		return nil, err
	}
	return &types.MsgReviewResponse{}, m.act(ctx, msg.Run, m.ofAudits(msg.Round, account, findings), protocol.Review{
		Account: account, Round: msg.Round, Blind: blind, Findings: findings,
	})
}

// Report implements types.MsgServer.
func (m msgServer) Report(ctx context.Context, msg *types.MsgReport) (*types.MsgReportResponse, error) {
	account, err := canonical(msg.Attester)
	if err != nil {
		return nil, err
	}
	return &types.MsgReportResponse{}, m.act(ctx, msg.Run, m.allOf(msg.Round), protocol.Report{
		Account: account, Round: msg.Round, MicroNats: msg.MicroNats, Tokens: msg.Tokens,
	})
}
