package protocol

import "errors"

// Refusals. Every error of Apply that is not World's wraps one of them; the
// state is then unchanged.
var (
	ErrInvalid   = errors.New("invalid value")
	ErrPhase     = errors.New("not possible in this phase")
	ErrDeadline  = errors.New("past the deadline")
	ErrNotMember = errors.New("no part in this")
	ErrDuplicate = errors.New("already done")
	ErrFull      = errors.New("no place left")
	ErrCooldown  = errors.New("cooling down")
	ErrStanding  = errors.New("worker is not in good standing")
	ErrEarly     = errors.New("too early")
	ErrNoQuorum  = errors.New("opens less than two thirds of the weight")
	ErrClosed    = errors.New("run takes no new work")
)
