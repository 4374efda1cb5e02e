package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Effect is something that Apply or Advance asks for or tells. The caller
// carries out those that move something and shows the others as events.
type Effect interface {
	fmt.Stringer
	effect()
}

// Effects that move something.
type (
	// LockBond moves uweft from the account into its bond in the run.
	LockBond struct {
		Run     uint64
		Account Account
		Amount  uint64
	}
	// ReleaseBond begins the unlocking of the account's bond in the run. Amount
	// is 0 when it was unlocking before and only held for a dispute.
	ReleaseBond struct {
		Run     uint64
		Account Account
		Amount  uint64
	}
	// NewCheckpoint is FINAL: the checkpoint becomes the model's head.
	// Height is the caller's to fill in.
	NewCheckpoint struct{ Checkpoint Checkpoint }
	// RecordEval writes an evaluation next to its checkpoint.
	RecordEval struct {
		Run, Round        uint64
		Checkpoint, Set   digest.Digest // Set: the evaluation set
		MicroNats, Tokens uint64
	}
	// Pay credits uweft of the escrow and mints shares.
	Pay struct {
		Run, Round     uint64
		Account        Account
		Role           Role
		Amount, Shares uint64
	}
	// Refund returns uweft of the escrow to the model's treasury and to the
	// community pool.
	Refund struct{ Run, Treasury, Community uint64 }
	// HoldBond keeps a bond from being paid back while a dispute is open.
	HoldBond struct {
		Run     uint64
		Account Account
	}
	// LockDeposit takes an accuser's deposit.
	LockDeposit struct {
		Run     uint64
		Account Account
		Amount  uint64
	}
	// PayDeposit credits a deposit, or a part of one.
	PayDeposit struct {
		Run, Round uint64
		Account    Account
		Amount     uint64
	}
	// Slash takes the account's whole bond in the run: a tenth goes to the
	// finder and the rest is burnt, at Until, unless governance pardons before.
	// The account takes no work until then.
	Slash struct {
		Run, Round      uint64
		Account, Finder Account
		Evidence        digest.Digest // of the ruling
		Until           time.Time
	}
	// Fine moves a part of an attester's bond to somebody else at once.
	Fine struct {
		Run         uint64
		Account, To Account
		Amount      uint64
	}
	// Taint marks a checkpoint, and so its descendants, as containing forged work.
	Taint struct {
		Run, Round uint64
		Account    Account
		Checkpoint digest.Digest
	}
	// NumericsSuspect suspends the slashes of a round.
	NumericsSuspect struct {
		Run, Round         uint64
		Convicted, Audited uint32
	}
	// ResumeSlashes lets the suspended slashes of a run go on.
	ResumeSlashes struct {
		Run   uint64
		Until time.Time
	}
	// Closed frees the model for another run.
	Closed struct {
		Run   uint64
		Model string
		End   EndReason
	}
)

// Role is what somebody is paid for.
type Role uint8

// The roles.
const (
	RoleTrainer  Role = 1
	RoleAttester Role = 2
	RoleOwner    Role = 3
	RoleData     Role = 4
)

var roleNames = [...]string{"", "trainer", "attester", "owner", "data"}

func (r Role) String() string {
	if int(r) >= len(roleNames) {
		return fmt.Sprintf("Role(%d)", uint8(r))
	}
	return roleNames[r]
}

// Effects that tell something.
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
