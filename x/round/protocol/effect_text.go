package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

func (LockBond) effect()          {}
func (ReleaseBond) effect()       {}
func (NewCheckpoint) effect()     {}
func (RecordEval) effect()        {}
func (Pay) effect()               {}
func (Refund) effect()            {}
func (Closed) effect()            {}
func (RunOpened) effect()         {}
func (StatusChanged) effect()     {}
func (PhaseChanged) effect()      {}
func (DeadlineShortened) effect() {}
func (Enrolled) effect()          {}
func (AttesterReady) effect()     {}
func (Left) effect()              {}
func (Committed) effect()         {}
func (Witnessed) effect()         {}
func (Attested) effect()          {}
func (Revealed) effect()          {}
func (ReviewCast) effect()        {}
func (AttemptFailed) effect()     {}
func (EvalMissing) effect()       {}
func (ReasonGiven) effect()       {}
func (Deactivated) effect()       {}
func (Unready) effect()           {}
func (HoldBond) effect()          {}
func (LockDeposit) effect()       {}
func (PayDeposit) effect()        {}
func (Slash) effect()             {}
func (Fine) effect()              {}
func (Taint) effect()             {}
func (NumericsSuspect) effect()   {}
func (ResumeSlashes) effect()     {}
func (AuditReassigned) effect()   {}
func (Audited) effect()           {}
func (Disputed) effect()          {}
func (JudgementCast) effect()     {}
func (DisputeDecided) effect()    {}

// short is enough of a digest to recognise it in a trace.
func short(d digest.Digest) string { return fmt.Sprintf("%x", d[:4]) }

func clock(t time.Time) string { return t.UTC().Format("15:04:05.999") }

func (e LockBond) String() string {
	return fmt.Sprintf("lock bond of %s: %d uweft", e.Account, e.Amount)
}

func (e ReleaseBond) String() string {
	if e.Amount == 0 {
		return fmt.Sprintf("release bond of %s", e.Account)
	}
	return fmt.Sprintf("release bond of %s: %d uweft", e.Account, e.Amount)
}

func (e NewCheckpoint) String() string {
	c := e.Checkpoint
	return fmt.Sprintf("round %d FINAL: checkpoint %s on %s, root %s", c.Round, short(c.Digest), short(c.Parent), short(c.ContributionsRoot))
}

func (e RecordEval) String() string {
	return fmt.Sprintf("round %d evaluation: %d micro-nats over %d tokens", e.Round, e.MicroNats, e.Tokens)
}

func (e Pay) String() string {
	return fmt.Sprintf("round %d pay %s %s: %d uweft, %d shares", e.Round, e.Role, e.Account, e.Amount, e.Shares)
}

func (e Refund) String() string {
	if e.Community > 0 {
		return fmt.Sprintf("refund %d uweft to the treasury, %d to the community pool", e.Treasury, e.Community)
	}
	return fmt.Sprintf("refund %d uweft", e.Treasury)
}

func (e Closed) String() string { return fmt.Sprintf("run %d ENDED (%s)", e.Run, e.End) }

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

func (e EvalMissing) String() string { return fmt.Sprintf("round %d evaluation missing", e.Round) }

func (e ReasonGiven) String() string {
	return fmt.Sprintf("round %d %s: %s, %d of %d steps", e.Round, e.Account, e.Reason, e.Steps, e.Assigned)
}

func (e Deactivated) String() string {
	return fmt.Sprintf("%s INACTIVE until %s", e.Account, clock(e.Until))
}

func (e Unready) String() string { return fmt.Sprintf("%s no longer ready", e.Account) }
