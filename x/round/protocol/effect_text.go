package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

func (LockBond) effect()        {}
func (ReleaseBond) effect()     {}
func (HoldBond) effect()        {}
func (NewCheckpoint) effect()   {}
func (RecordEval) effect()      {}
func (Pay) effect()             {}
func (Refund) effect()          {}
func (LockDeposit) effect()     {}
func (PayDeposit) effect()      {}
func (Slash) effect()           {}
func (Fine) effect()            {}
func (Taint) effect()           {}
func (NumericsSuspect) effect() {}
func (ResumeSlashes) effect()   {}
func (Closed) effect()          {}

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

func (e HoldBond) String() string { return fmt.Sprintf("hold bond of %s", e.Account) }

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

func (e LockDeposit) String() string {
	return fmt.Sprintf("lock deposit of %s: %d uweft", e.Account, e.Amount)
}

func (e PayDeposit) String() string {
	return fmt.Sprintf("round %d deposit to %s: %d uweft", e.Round, e.Account, e.Amount)
}

func (e Slash) String() string {
	return fmt.Sprintf("round %d slash %s, found by %s, evidence %s, until %s", e.Round, e.Account, e.Finder, short(e.Evidence),
		clock(e.Until))
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

func (e Closed) String() string { return fmt.Sprintf("run %d ENDED (%s)", e.Run, e.End) }
