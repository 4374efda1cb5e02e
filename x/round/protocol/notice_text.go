package protocol

import (
	"fmt"
)

func (RunOpened) notice()         {}
func (StatusChanged) notice()     {}
func (PhaseChanged) notice()      {}
func (DeadlineShortened) notice() {}
func (Enrolled) notice()          {}
func (AttesterReady) notice()     {}
func (Left) notice()              {}
func (Committed) notice()         {}
func (Witnessed) notice()         {}
func (Attested) notice()          {}
func (Revealed) notice()          {}
func (ReviewCast) notice()        {}
func (AttemptFailed) notice()     {}
func (AuditReassigned) notice()   {}
func (Audited) notice()           {}
func (Disputed) notice()          {}
func (JudgementCast) notice()     {}
func (DisputeDecided) notice()    {}
func (EvalMissing) notice()       {}
func (ReasonGiven) notice()       {}
func (Deactivated) notice()       {}
func (Unready) notice()           {}

func (e RunOpened) String() string {
	return fmt.Sprintf("run %d of %s OPEN with %d uweft", e.Run, e.Model, e.Budget)
}

func (e StatusChanged) String() string {
	if e.End != 0 {
		return fmt.Sprintf("run %d %s (%s)", e.Run, e.Status, e.End)
	}
	return fmt.Sprintf("run %d %s", e.Run, e.Status)
}

func (e PhaseChanged) String() string {
	text := fmt.Sprintf("round %d %s", e.Round, e.Phase)
	if e.Void != 0 {
		text += " (" + e.Void.String() + ")"
	}
	if !e.Deadline.IsZero() {
		text += " until " + clock(e.Deadline)
	}
	return text
}

func (e DeadlineShortened) String() string {
	return fmt.Sprintf("round %d deadline shortened to %s", e.Round, clock(e.Deadline))
}

func (e Enrolled) String() string {
	return fmt.Sprintf("%s enrolled with %d slots", e.Account, e.Slots)
}

func (e AttesterReady) String() string {
	return fmt.Sprintf("%s ready with weight %d", e.Account, e.Weight)
}

func (e Left) String() string { return fmt.Sprintf("%s left", e.Account) }

func (e Committed) String() string {
	return fmt.Sprintf("round %d slot %d committed by %s: %d steps, body %s", e.Round, e.Slot, e.Account, e.Commit.Steps, short(e.Commit.Body))
}

func (e Witnessed) String() string {
	return fmt.Sprintf("round %d witnessed by %s: %d ok, %d bad", e.Round, e.Account, e.Ok, e.Bad)
}

func (e Attested) String() string {
	return fmt.Sprintf("round %d attempt %d voted by %s: %d of %d", e.Round, e.Attempt, e.Account, e.Voted, e.Total)
}

func (e Revealed) String() string {
	return fmt.Sprintf("round %d revealed by %s: %s opens %d of %d", e.Round, e.Account, short(e.Checkpoint), e.Weight, e.Total)
}

func (e ReviewCast) String() string {
	return fmt.Sprintf("round %d evaluation voted by %s: %d of %d", e.Round, e.Account, e.Voted, e.Total)
}

func (e AttemptFailed) String() string {
	return fmt.Sprintf("round %d attempt %d failed, absent: %v", e.Round, e.Attempt, e.Absent)
}

func (e AuditReassigned) String() string {
	return fmt.Sprintf("round %d audit of slot %d segment %d goes from %s to %s", e.Round, e.Slot, e.Segment, e.From, e.To)
}

func (e Audited) String() string {
	return fmt.Sprintf("round %d audit of %s slot %d segment %d by %s: %s", e.Round, e.Trainer, e.Slot, e.Segment, e.Account, e.Verdict)
}

func (e Disputed) String() string {
	return fmt.Sprintf("round %d slot %d of %s disputed by %s, deposit %d, until %s", e.Round, e.Slot, e.Trainer, e.Accuser, e.Deposit,
		clock(e.Deadline))
}

func (e JudgementCast) String() string {
	return fmt.Sprintf("round %d slot %d judged by %s: %d of %d", e.Round, e.Slot, e.Account, e.Voted, e.Total)
}

func (e DisputeDecided) String() string {
	return fmt.Sprintf("round %d slot %d of %s: %s, segment %d, evidence %s", e.Round, e.Slot, e.Trainer, e.Outcome, e.Segment,
		short(e.Evidence))
}

func (e EvalMissing) String() string { return fmt.Sprintf("round %d evaluation missing", e.Round) }

func (e ReasonGiven) String() string {
	return fmt.Sprintf("round %d %s: %s, %d of %d steps", e.Round, e.Account, e.Reason, e.Steps, e.Assigned)
}

func (e Deactivated) String() string {
	return fmt.Sprintf("%s INACTIVE until %s", e.Account, clock(e.Until))
}

func (e Unready) String() string { return fmt.Sprintf("%s no longer ready", e.Account) }
