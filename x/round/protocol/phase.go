package protocol

import "fmt"

// Phase is where a round stands. A run without a round under way is WAITING.
type Phase uint8

// The phases. A VOID round never had a checkpoint; a SETTLED one was paid.
const (
	// PhaseWaiting of a round means that its attestation failed and that it
	// waits, with its commitments, for attesters to be ready again.
	PhaseWaiting Phase = 1
	PhaseTrain   Phase = 2
	PhasePublish Phase = 3
	PhaseAttest  Phase = 4
	// PhaseReview begins at FINAL: the checkpoint is the model's head.
	PhaseReview  Phase = 5
	PhaseSettled Phase = 6
	PhaseVoid    Phase = 7
	// PhaseDispute is SETTLED for everybody but those whose work is disputed.
	PhaseDispute Phase = 8
)

var phaseNames = [...]string{"", "WAITING", "TRAIN", "PUBLISH", "ATTEST", "REVIEW", "SETTLED", "VOID", "DISPUTE"}

func (p Phase) String() string {
	if p == 0 || int(p) >= len(phaseNames) {
		return fmt.Sprintf("Phase(%d)", uint8(p))
	}
	return phaseNames[p]
}

// Live says whether the round can still change.
func (p Phase) Live() bool { return p >= PhaseWaiting && p <= PhaseReview || p == PhaseDispute }

// Status is where a run stands.
type Status uint8

// The states of a run.
const (
	StatusOpen   Status = 1
	StatusPaused Status = 2 // no new TRAIN until governance resumes it
	StatusEnding Status = 3 // no new TRAIN ever; rounds under way run to SETTLED
	StatusEnded  Status = 4 // what was left of the escrow is refunded
)

var statusNames = [...]string{"", "OPEN", "PAUSED", "ENDING", "ENDED"}

func (s Status) String() string {
	if s == 0 || int(s) >= len(statusNames) {
		return fmt.Sprintf("Status(%d)", uint8(s))
	}
	return statusNames[s]
}

// EndReason says why a run ended.
type EndReason uint8

// Why runs end. Zero: it has not.
const (
	EndRounds    EndReason = 1 // all planned rounds are done
	EndTime      EndReason = 2 // max_length is over
	EndMaxWait   EndReason = 3 // too few people for max_wait
	EndCancelled EndReason = 4 // governance cancelled it
	EndEscrow    EndReason = 5 // what is left of the escrow buys no further round
)

var endNames = [...]string{"", "ROUNDS_DONE", "END_TIME", "MAX_WAIT", "CANCELLED", "ESCROW_SPENT"}

func (r EndReason) String() string {
	if int(r) >= len(endNames) {
		return fmt.Sprintf("EndReason(%d)", uint8(r))
	}
	return endNames[r]
}
