package keeper

import (
	"context"
	"strings"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// OpenRun implements types.MsgServer.
func (m msgServer) OpenRun(ctx context.Context, msg *types.MsgOpenRun) (*types.MsgOpenRunResponse, error) {
	if err := m.governs(ctx, msg.Authority); err != nil {
		return nil, err
	}
	spec, err := checkSpec(msg.Spec)
	if err != nil {
		return nil, err
	}
	approved, err := m.models.Approved(ctx, spec.Model, spec.Digest())
	if err != nil {
		return nil, err
	}
	if !approved {
		return nil, types.ErrNotApproved.Wrapf("%s, spec %s", spec.Model, spec.Digest())
	}
	id, err := m.openRun(ctx, spec)
	return &types.MsgOpenRunResponse{Run: id}, err
}

// checkSpec refuses a spec with every problem that it has.
func checkSpec(msg types.RunSpec) (protocol.RunSpec, error) {
	spec, problems, err := inspect(msg)
	if err != nil {
		return spec, err
	}
	if len(problems) > 0 {
		return spec, types.ErrSpec.Wrap(strings.Join(problems, "; "))
	}
	return spec, nil
}

// inspect lists the problems of a spec, those that only the chain sees too.
func inspect(msg types.RunSpec) (protocol.RunSpec, []string, error) {
	spec, err := msg.Protocol()
	if err != nil {
		return spec, nil, err
	}
	problems := spec.Problems()
	if spec.DataOwner != "" {
		if account, err := canonical(msg.DataOwner); err != nil || account != spec.DataOwner {
			problems = append(problems, "data_owner: not an address of this chain in lower case")
		}
	}
	return spec, problems, nil
}

// openRun takes the budget and starts the run.
func (k Keeper) openRun(ctx context.Context, spec protocol.RunSpec) (uint64, error) {
	model, err := k.models.RunModel(ctx, spec.Model)
	if err != nil {
		return 0, err
	}
	id, err := k.nextRun(ctx)
	if err != nil {
		return 0, err
	}
	if err := k.models.SetOpenRun(ctx, spec.Model, id); err != nil {
		return 0, err
	}
	if spec.Budget > 0 {
		treasury, community := sdkmath.NewIntFromUint64(spec.Budget-spec.Community), sdkmath.NewIntFromUint64(spec.Community)
		if err := k.models.Debit(ctx, spec.Model, treasury, community, types.ModuleName); err != nil {
			return 0, err
		}
	}
	state, steps, err := protocol.Open(id, spec, model.Head, now(ctx))
	if err != nil {
		return 0, types.Refusal(err)
	}
	if err := k.save(ctx, &session{State: state}, now(ctx)); err != nil {
		return 0, err
	}
	return id, k.carryOut(ctx, steps)
}

// PauseRun implements types.MsgServer.
func (m msgServer) PauseRun(ctx context.Context, msg *types.MsgPauseRun) (*types.MsgPauseRunResponse, error) {
	return &types.MsgPauseRunResponse{}, m.govern(ctx, msg.Authority, msg.Run, protocol.Pause{})
}

// ResumeRun implements types.MsgServer. It also takes up a run that was set
// aside with a fault.
func (m msgServer) ResumeRun(ctx context.Context, msg *types.MsgResumeRun) (*types.MsgResumeRunResponse, error) {
	if err := m.governs(ctx, msg.Authority); err != nil {
		return nil, err
	}
	run, err := m.run(ctx, msg.Run)
	if err != nil {
		return nil, err
	}
	if run.Fault == "" || run.Status == types.STATUS_PAUSED {
		return &types.MsgResumeRunResponse{}, m.act(ctx, msg.Run, m.justRun, protocol.Resume{})
	}
	if err := m.setWake(ctx, &run, now(ctx)); err != nil {
		return nil, err
	}
	return &types.MsgResumeRunResponse{}, m.runs.Set(ctx, run.Id, run)
}

// CancelRun implements types.MsgServer.
func (m msgServer) CancelRun(ctx context.Context, msg *types.MsgCancelRun) (*types.MsgCancelRunResponse, error) {
	return &types.MsgCancelRunResponse{}, m.govern(ctx, msg.Authority, msg.Run, protocol.Cancel{})
}

// UpdateParams implements types.MsgServer.
func (m msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := m.governs(ctx, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	old, err := m.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if old.Denom != msg.Params.Denom {
		return nil, types.ErrInvalid.Wrapf("denom: treasuries and escrows are kept in %s", old.Denom)
	}
	return &types.MsgUpdateParamsResponse{}, m.params.Set(ctx, msg.Params)
}

func (k Keeper) governs(ctx context.Context, authority string) error {
	return sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), k.authority, authority)
}

func (k Keeper) govern(ctx context.Context, authority string, run uint64, event protocol.Event) error {
	if err := k.governs(ctx, authority); err != nil {
		return err
	}
	return k.act(ctx, run, k.justRun, event)
}
