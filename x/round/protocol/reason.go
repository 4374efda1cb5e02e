package protocol

import "fmt"

// Reason says what became of one enrolled trainer in one round. Exactly one
// is recorded for each. Numbers are never reused.
type Reason uint8

// The reasons. Zero: not decided yet.
const (
	ReasonPaid           Reason = 1  // every step of every slot was verified
	ReasonPaidPartial    Reason = 2  // some steps were verified and paid
	ReasonLate           Reason = 3  // no commitment of at least min_steps in time
	ReasonUnavailable    Reason = 4  // two thirds of the attesters did not get the body
	ReasonMalformed      Reason = 5  // two thirds of the attesters found the body invalid
	ReasonNotSelected    Reason = 6  // more trainers than max_trainers
	ReasonInactive       Reason = 7  // missed max_misses rounds in a row; enrol again after the cool-down
	ReasonJailed         Reason = 8  // the worker was jailed when the round began
	ReasonVoidNoTrainers Reason = 9  // nobody committed, so there was no round
	ReasonVoidNoWitness  Reason = 10 // too few attesters witnessed, so nothing could be included
	ReasonVoidNoQuorum   Reason = 11 // attesters never agreed, and the run ended waiting for them
	ReasonFraud          Reason = 12 // two thirds of the weight recomputed other work than was committed
	ReasonPaidUnaudited  Reason = 13 // verified and paid, but an audit that was drawn did not come
)

var reasonNames = [...]string{
	"", "PAID", "PAID_PARTIAL", "LATE", "UNAVAILABLE", "MALFORMED", "NOT_SELECTED", "INACTIVE", "JAILED",
	"VOID_NO_TRAINERS", "VOID_NO_WITNESS", "VOID_NO_QUORUM", "FRAUD", "PAID_UNAUDITED",
}

func (r Reason) String() string {
	if int(r) >= len(reasonNames) {
		return fmt.Sprintf("Reason(%d)", uint8(r))
	}
	return reasonNames[r]
}

// Paid says whether the reason comes with pay.
func (r Reason) Paid() bool {
	return r == ReasonPaid || r == ReasonPaidPartial || r == ReasonPaidUnaudited
}

// Miss says whether the reason counts towards max_misses: the trainer was
// selected, and its own work did not come.
func (r Reason) Miss() bool {
	switch r {
	case ReasonLate, ReasonUnavailable, ReasonMalformed, ReasonVoidNoTrainers:
		return true
	default:
		return false
	}
}

// Fix says what a trainer can do about a reason.
func (r Reason) Fix() string {
	if int(r) >= len(reasonFixes) {
		return ""
	}
	return reasonFixes[r]
}

var reasonFixes = [...]string{
	ReasonPaid:           "nothing: all of it was paid",
	ReasonPaidPartial:    "take fewer slots, or use a faster machine, so that every step is done before the deadline",
	ReasonLate:           "take fewer slots, or use a faster machine; check that the worker was running and had coins for its transaction",
	ReasonUnavailable:    "check that the worker can reach the attesters and keeps running until PUBLISH is over",
	ReasonMalformed:      "update weft; if it is current, this machine's memory may be faulty: run a memory test",
	ReasonNotSelected:    "nothing: more trainers had enrolled than a round takes, and you come first in a later one",
	ReasonInactive:       "start the worker again: it enrols by itself after the cool-down",
	ReasonJailed:         "wait until the jail time is over",
	ReasonVoidNoTrainers: "nothing was lost but this round's time: its records are dealt again",
	ReasonVoidNoWitness:  "nothing was lost but this round's time: attesters were absent, and its records are dealt again",
	ReasonVoidNoQuorum:   "nothing: attesters did not agree before the run ended",
	ReasonFraud: "anybody can recompute it: weft audit; if your machine is at fault, run a memory test, and ask governance for a " +
		"pardon before the slash is executed",
	ReasonPaidUnaudited: "nothing: all of it was paid; the auditors that were drawn did not answer",
}
