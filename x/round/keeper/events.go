package keeper

import (
	"context"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// tell shows a step as an event. Effects of which another module tells have none here.
func tell(ctx context.Context, s protocol.Step) error {
	for _, event := range []func(protocol.Step) proto.Message{runEvent, memberEvent, auditEvent, roundEvent} {
		if ev := event(s); ev != nil {
			return emit(ctx, ev)
		}
	}
	if _, effect := s.(protocol.Effect); effect {
		return nil
	}
	return fmt.Errorf("no event tells of a %T", s)
}

// auditEvent covers audits and disputes. Slashes and fines are told by x/worker.
func auditEvent(s protocol.Step) proto.Message {
	switch e := s.(type) {
	case protocol.AuditReassigned:
		return &types.EventAuditReassigned{Run: e.Run, Round: e.Round, Slot: e.Slot, Segment: e.Segment, From: string(e.From), To: string(e.To)}
	case protocol.Audited:
		return &types.EventAudited{
			Run: e.Run, Round: e.Round, Account: string(e.Account), Trainer: string(e.Trainer), Slot: e.Slot, Segment: e.Segment,
			Verdict: types.Verdict(e.Verdict),
		}
	case protocol.Disputed:
		return &types.EventDisputed{
			Run: e.Run, Round: e.Round, Slot: e.Slot, Trainer: string(e.Trainer), Accuser: string(e.Accuser), Deposit: e.Deposit,
			Deadline: e.Deadline,
		}
	case protocol.JudgementCast:
		return &types.EventJudgementCast{Run: e.Run, Round: e.Round, Slot: e.Slot, Account: string(e.Account), Voted: e.Voted, Total: e.Total}
	case protocol.DisputeDecided:
		return &types.EventDisputeDecided{
			Run: e.Run, Round: e.Round, Slot: e.Slot, Trainer: string(e.Trainer), Outcome: types.DisputeOutcome(e.Outcome), Segment: e.Segment,
			Evidence: e.Evidence.Text(),
		}
	case protocol.PayDeposit:
		return &types.EventDepositPaid{Run: e.Run, Round: e.Round, Account: string(e.Account), Amount: e.Amount}
	default:
		return nil
	}
}

// runEvent covers what happens to a run as a whole.
func runEvent(s protocol.Step) proto.Message {
	switch e := s.(type) {
	case protocol.RunOpened:
		return &types.EventRunOpened{Run: e.Run, Model: e.Model, Spec: e.Spec.Text(), Budget: e.Budget}
	case protocol.StatusChanged:
		return &types.EventStatusChanged{Run: e.Run, Status: types.Status(e.Status), End: types.EndReason(e.End)}
	case protocol.Refund:
		return &types.EventRefunded{Run: e.Run, Amount: e.Treasury, Community: e.Community}
	case protocol.NumericsSuspect:
		return &types.EventNumericsSuspect{Run: e.Run, Round: e.Round, Convicted: e.Convicted, Audited: e.Audited}
	case protocol.ResumeSlashes:
		return &types.EventSlashesResumed{Run: e.Run, Until: e.Until}
	case protocol.Closed:
		return &types.EventClosed{Run: e.Run, Model: e.Model, End: types.EndReason(e.End)}
	case protocol.PhaseChanged:
		return &types.EventPhaseChanged{
			Run: e.Run, Round: e.Round, Phase: types.Phase(e.Phase), Deadline: e.Deadline, Void: types.Reason(e.Void),
		}
	case protocol.DeadlineShortened:
		return &types.EventDeadlineShortened{Run: e.Run, Round: e.Round, Deadline: e.Deadline}
	default:
		return nil
	}
}

// memberEvent covers who takes part.
func memberEvent(s protocol.Step) proto.Message {
	switch e := s.(type) {
	case protocol.Enrolled:
		return &types.EventEnrolled{Run: e.Run, Account: string(e.Account), Slots: e.Slots}
	case protocol.AttesterReady:
		return &types.EventAttesterReady{Run: e.Run, Account: string(e.Account), Weight: e.Weight}
	case protocol.Left:
		return &types.EventLeft{Run: e.Run, Account: string(e.Account)}
	case protocol.Deactivated:
		return &types.EventDeactivated{Run: e.Run, Account: string(e.Account), Until: e.Until}
	case protocol.Unready:
		return &types.EventUnready{Run: e.Run, Account: string(e.Account)}
	case protocol.ReasonGiven:
		return &types.EventReasonGiven{
			Run: e.Run, Round: e.Round, Account: string(e.Account), Reason: types.Reason(e.Reason), Steps: e.Steps, Assigned: e.Assigned,
			Evidence: e.Evidence.Text(), Fix: e.Reason.Fix(),
		}
	case protocol.Pay:
		return &types.EventPaid{
			Run: e.Run, Round: e.Round, Account: string(e.Account), Role: types.Role(e.Role), Amount: e.Amount, Shares: e.Shares,
		}
	default:
		return nil
	}
}

// roundEvent covers the work and the votes of a round.
func roundEvent(s protocol.Step) proto.Message {
	switch e := s.(type) {
	case protocol.Committed:
		return &types.EventCommitted{Run: e.Run, Round: e.Round, Account: string(e.Account), Slot: e.Slot, Commit: types.CommitOf(e.Commit)}
	case protocol.Witnessed:
		return &types.EventWitnessed{Run: e.Run, Round: e.Round, Account: string(e.Account), Ok: uint32(e.Ok), Bad: uint32(e.Bad)}
	case protocol.Attested:
		return &types.EventAttested{Run: e.Run, Round: e.Round, Account: string(e.Account), Attempt: e.Attempt, Voted: e.Voted, Total: e.Total}
	case protocol.Revealed:
		return &types.EventRevealed{
			Run: e.Run, Round: e.Round, Account: string(e.Account), Checkpoint: e.Checkpoint.Text(), Root: e.Root.Text(), Weight: e.Weight,
			Total: e.Total,
		}
	case protocol.ReviewCast:
		return &types.EventReviewCast{Run: e.Run, Round: e.Round, Account: string(e.Account), Voted: e.Voted, Total: e.Total}
	case protocol.AttemptFailed:
		absent := make([]string, 0, len(e.Absent))
		for _, a := range e.Absent {
			absent = append(absent, string(a))
		}
		return &types.EventAttemptFailed{Run: e.Run, Round: e.Round, Attempt: e.Attempt, Absent: absent}
	case protocol.NewCheckpoint:
		c := e.Checkpoint
		return &types.EventFinal{Run: c.Run, Round: c.Round, Model: c.Model, Checkpoint: c.Digest.Text(), Parent: c.Parent.Text(),
			Root: c.ContributionsRoot.Text()}
	case protocol.RecordEval:
		return &types.EventEvalRecorded{Run: e.Run, Round: e.Round, Checkpoint: e.Checkpoint.Text(), MicroNats: e.MicroNats, Tokens: e.Tokens}
	case protocol.EvalMissing:
		return &types.EventEvalMissing{Run: e.Run, Round: e.Round}
	default:
		return nil
	}
}
