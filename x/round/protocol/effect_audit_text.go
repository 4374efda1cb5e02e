package protocol

import "fmt"

func (e HoldBond) String() string { return fmt.Sprintf("hold bond of %s", e.Account) }

func (e LockDeposit) String() string {
	return fmt.Sprintf("lock deposit of %s: %d uweft", e.Account, e.Amount)
}

func (e PayDeposit) String() string {
	return fmt.Sprintf("round %d deposit to %s: %d uweft", e.Round, e.Account, e.Amount)
}

func (e Slash) String() string {
	return fmt.Sprintf("round %d slash %s, found by %s, evidence %s, until %s", e.Round, e.Account, e.Finder, short(e.Evidence), clock(e.Until))
}

func (e Fine) String() string {
	return fmt.Sprintf("fine %s: %d uweft to %s", e.Account, e.Amount, e.To)
}

func (e Taint) String() string {
	return fmt.Sprintf("round %d taints checkpoint %s: %s", e.Round, short(e.Checkpoint), e.Account)
}

func (e NumericsSuspect) String() string {
	return fmt.Sprintf("round %d numerics suspect: %d of %d audited trainers convicted, slashes suspended", e.Round, e.Convicted, e.Audited)
}

func (e ResumeSlashes) String() string {
	return fmt.Sprintf("run %d slashes go on until %s", e.Run, clock(e.Until))
}

func (e AuditReassigned) String() string {
	return fmt.Sprintf("round %d audit of slot %d segment %d goes from %s to %s", e.Round, e.Slot, e.Segment, e.From, e.To)
}

func (e Audited) String() string {
	return fmt.Sprintf("round %d audit of %s slot %d segment %d by %s: %s", e.Round, e.Trainer, e.Slot, e.Segment, e.Account, e.Verdict)
}

func (e Disputed) String() string {
	return fmt.Sprintf("round %d slot %d of %s disputed by %s, deposit %d, until %s", e.Round, e.Slot, e.Trainer, e.Accuser, e.Deposit, clock(e.Deadline))
}

func (e JudgementCast) String() string {
	return fmt.Sprintf("round %d slot %d judged by %s: %d of %d", e.Round, e.Slot, e.Account, e.Voted, e.Total)
}

func (e DisputeDecided) String() string {
	return fmt.Sprintf("round %d slot %d of %s: %s, segment %d, evidence %s", e.Round, e.Slot, e.Trainer, e.Outcome, e.Segment, short(e.Evidence))
}
