package protocol

import "slices"

// Refusal is why the rules refuse an event. Every error of Apply that is not
// World's wraps one of them; the state is then unchanged.
type Refusal struct {
	// Code is what a transaction that is refused for it has as its code. It is
	// part of the protocol and never renumbered.
	Code uint32
	text string
}

func (r *Refusal) Error() string { return r.text }

// The refusals. This is the one list of them: the chain and its clients know
// them by their codes.
var (
	ErrInvalid   = refusal(2, "invalid value")
	ErrPhase     = refusal(8, "not possible in this phase")
	ErrDeadline  = refusal(9, "past the deadline")
	ErrNotMember = refusal(10, "no part in this")
	ErrDuplicate = refusal(11, "already done")
	ErrFull      = refusal(12, "no place left")
	ErrCooldown  = refusal(13, "cooling down")
	ErrStanding  = refusal(14, "worker is not in good standing")
	ErrEarly     = refusal(15, "too early")
	ErrNoQuorum  = refusal(16, "opens less than two thirds of the weight")
	ErrClosed    = refusal(17, "run takes no new work")
)

var refusals []*Refusal

func refusal(code uint32, text string) *Refusal {
	r := &Refusal{code, text}
	refusals = append(refusals, r)
	return r
}

// Refusals lists all of them.
func Refusals() []*Refusal { return slices.Clone(refusals) }
