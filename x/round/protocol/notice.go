package protocol

import (
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Notice is a Step that only tells something. The caller shows it.
type Notice interface {
	Step
	notice()
}

// The notices.
type (
	// RunOpened begins a run.
	RunOpened struct {
		Run    uint64
		Model  string
		Spec   digest.Digest
		Budget uint64
	}
	// StatusChanged tells of pause, resume, cancel and the coming end.
	StatusChanged struct {
		Run    uint64
		Status Status
		End    EndReason
	}
	// PhaseChanged tells that a round entered a phase.
	PhaseChanged struct {
		Run, Round uint64
		Phase      Phase
		Deadline   time.Time // zero: the phase has none
		Void       Reason
	}
	// DeadlineShortened: two thirds are in, the others have grace left.
	DeadlineShortened struct {
		Run, Round uint64
		Deadline   time.Time
	}
	// Enrolled tells of a trainer's offer.
	Enrolled struct {
		Run     uint64
		Account Account
		Slots   uint32
	}
	// AttesterReady tells of an attester's readiness.
	AttesterReady struct {
		Run     uint64
		Account Account
		Weight  uint64
	}
	// Left tells that an account takes no more part.
	Left struct {
		Run     uint64
		Account Account
	}
	// Committed tells of a commitment.
	Committed struct {
		Run, Round uint64
		Account    Account
		Slot       uint32
		Commit     Commit
	}
	// Witnessed tells how many slots an attester vouches for so far.
	Witnessed struct {
		Run, Round uint64
		Account    Account
		Ok, Bad    int
	}
	// Attested tells of a blind vote on the checkpoint.
	Attested struct {
		Run, Round   uint64
		Account      Account
		Attempt      uint32
		Voted, Total uint64
	}
	// Revealed tells that the votes were opened.
	Revealed struct {
		Run, Round       uint64
		Account          Account
		Checkpoint, Root digest.Digest
		Weight, Total    uint64
	}
	// ReviewCast tells of a blind vote on the evaluation.
	ReviewCast struct {
		Run, Round   uint64
		Account      Account
		Voted, Total uint64
	}
	// AttemptFailed tells who did not vote in an attempt of ATTEST.
	AttemptFailed struct {
		Run, Round uint64
		Attempt    uint32
		Absent     []Account
	}
	// AuditReassigned tells that an auditor did not answer.
	AuditReassigned struct {
		Run, Round    uint64
		Slot, Segment uint32
		From, To      Account
	}
	// Audited tells of a verdict.
	Audited struct {
		Run, Round       uint64
		Account, Trainer Account
		Slot, Segment    uint32
		Verdict          Verdict
	}
	// Disputed tells of an accusation.
	Disputed struct {
		Run, Round       uint64
		Slot             uint32
		Trainer, Accuser Account
		Deposit          uint64
		Deadline         time.Time
	}
	// JudgementCast tells of a blind vote in a dispute.
	JudgementCast struct {
		Run, Round   uint64
		Slot         uint32
		Account      Account
		Voted, Total uint64
	}
	// DisputeDecided tells how a dispute ended.
	DisputeDecided struct {
		Run, Round uint64
		Slot       uint32
		Trainer    Account
		Outcome    DisputeOutcome
		Segment    uint32        // the first that differs
		Evidence   digest.Digest // of the ruling
	}
	// EvalMissing tells that an evaluation that was due did not come.
	EvalMissing struct{ Run, Round uint64 }
	// ReasonGiven tells what became of a trainer in a round.
	ReasonGiven struct {
		Run, Round uint64
		Account    Account
		Reason     Reason
		Steps      uint64
		Assigned   uint64
		Evidence   digest.Digest // of the ruling, for FRAUD
	}
	// Deactivated tells that a trainer missed too many rounds in a row.
	Deactivated struct {
		Run     uint64
		Account Account
		Until   time.Time
	}
	// Unready tells that an attester must send MsgReady again.
	Unready struct {
		Run     uint64
		Account Account
	}
)
