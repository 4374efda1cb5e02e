package protocol

import (
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// MaxAttesters bounds the attesters of one run.
const MaxAttesters = 256

// EnrolFactor bounds the enrolled trainers of a run: EnrolFactor times
// max_trainers. Those beyond max_trainers take turns.
const EnrolFactor = 4

// Run is one funded fine-tune.
type Run struct {
	ID     uint64
	Spec   RunSpec
	Status Status
	End    EndReason // why it ended or is ending; 0 before that

	Opened    time.Time
	WaitSince time.Time // start of the current WAITING

	Start  digest.Digest // the model's head at opening: what the run started from
	Head   digest.Digest // newest checkpoint
	Cursor uint64        // records of the data order consumed by FINAL rounds

	Next    uint64 // number of the next round; the first is 1
	Current uint64 // round in TRAIN, PUBLISH or ATTEST, or WAITING for attesters; 0: none
	Finals  uint32 // rounds that reached FINAL
	Skipped uint64 // records dealt in FINAL rounds whose work did not come

	// Unsettled lists the rounds in REVIEW, ascending.
	Unsettled []uint64

	Trainers  []Trainer  // enrolled, sorted by account
	Attesters []Attester // bonded, sorted by account
	Escrow    Escrow

	// Suspect: so many were convicted in one round that the numerics are in
	// doubt. Slashes of that round are suspended until governance resumes.
	Suspect bool
}

// Trainer is an enrolment.
type Trainer struct {
	Account       Account
	Slots         uint32
	Bonded        uint64 // uweft locked in this run
	Misses        uint32 // rounds missed in a row
	Strikes       uint32 // times it became inactive; each doubles the cool-down
	Inactive      bool
	InactiveUntil time.Time // it may enrol again from then on
	LastSelected  uint64    // newest round it was selected for; 0: none
	Leaving       bool      // takes no more work; the bond goes back after its last round
}

// Attester is a worker linked to a validator that posted its bond here.
type Attester struct {
	Account Account
	Bonded  uint64 // uweft locked in this run
	Ready   bool   // holds and serves base, token set and evaluation set
	Absent  uint32 // rounds or attempts in a row without a vote for the result
	Missed  uint32 // rounds in a row with an audit that did not come, and disputes not voted on
	Leaving bool
}

// Phase is WAITING, or the phase of the round under way given its header.
func (r *Run) Phase(current *Round) Phase {
	if r.Current == 0 || current == nil || current.Number != r.Current {
		return PhaseWaiting
	}
	return current.Phase
}

// Trainer finds an enrolment; nil when there is none.
func (r *Run) Trainer(account Account) *Trainer {
	i, found := findTrainer(r.Trainers, account)
	if !found {
		return nil
	}
	return &r.Trainers[i]
}

// Attester finds an attester; nil when there is none.
func (r *Run) Attester(account Account) *Attester {
	i, found := findAttester(r.Attesters, account)
	if !found {
		return nil
	}
	return &r.Attesters[i]
}

// EndTime is when max_length is over; zero when the run has no end time.
func (r *Run) EndTime() time.Time {
	if r.Spec.MaxLength == 0 {
		return time.Time{}
	}
	return r.Opened.Add(r.Spec.MaxLength)
}

// ModelInfo is what a run needs to know of its model.
type ModelInfo struct {
	Name       string
	Owner      Account
	Base       digest.Digest
	Head       digest.Digest
	MaxShares  uint64 // units of share/<model> that may ever exist
	SharesLeft uint64 // units that may still be minted
}

// Checkpoint is one entry of a model's lineage.
type Checkpoint struct {
	Digest            digest.Digest
	Model             string
	Parent            digest.Digest
	Run               uint64
	Round             uint64
	Height            uint64 // block height of FINAL
	ContributionsRoot digest.Digest
	Size              uint64 // bytes of the adapter and the outer state
}
