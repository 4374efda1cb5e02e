package protocol

import (
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// Step is one thing that Apply or Advance made happen: an Effect or a Notice.
type Step interface{ fmt.Stringer }

// Effect is a Step that moves coins or state. The caller carries it out, or
// fails.
type Effect interface {
	Step
	effect()
}

// The effects.
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
