package protocol

import (
	"fmt"
	"time"
)

// Effect is something that Apply or Advance asks for or tells. The caller
// carries out those that move something (LockBond, ReleaseBond, NewCheckpoint,
// RecordEval, Pay, Refund, Closed) and shows the others as events.
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
	// ReleaseBond begins the unlocking of the account's bond in the run.
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
		Checkpoint        Digest
		MicroNats, Tokens uint64
	}
	// Pay credits uweft of the escrow and mints shares.
	Pay struct {
		Run, Round     uint64
		Account        Account
		Role           Role
		Amount, Shares uint64
	}
	// Refund returns uweft of the escrow to the model's treasury.
	Refund struct{ Run, Amount uint64 }
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
		Spec   Digest
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
		Checkpoint, Root Digest
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
	// EvalMissing tells that an evaluation that was due did not come.
	EvalMissing struct{ Run, Round uint64 }
	// Judged tells what became of a trainer in a round.
	Judged struct {
		Run, Round uint64
		Account    Account
		Reason     Reason
		Steps      uint64
		Assigned   uint64
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
