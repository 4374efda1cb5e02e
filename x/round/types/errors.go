package types

import (
	"errors"

	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"

	"github.com/weftnet/weft/x/round/protocol"
)

// Registered errors. Codes are part of the protocol and never renumbered. Those that queries return say what they are to
// clients of gRPC and REST too.
var (
	ErrInvalid     = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "invalid request")
	ErrSpec        = errorsmod.Register(ModuleName, 3, "the run cannot be carried out")
	ErrNoRun       = errorsmod.RegisterWithGRPCCode(ModuleName, 4, codes.NotFound, "no such run")
	ErrNoRound     = errorsmod.RegisterWithGRPCCode(ModuleName, 5, codes.NotFound, "no such round")
	ErrNoPart      = errorsmod.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "the account has no part in this round")
	ErrNotApproved = errorsmod.Register(ModuleName, 7, "the model's owner did not approve this spec")
	ErrPhase       = errorsmod.Register(ModuleName, 8, "not possible in this phase")
	ErrDeadline    = errorsmod.Register(ModuleName, 9, "past the deadline")
	ErrNotMember   = errorsmod.Register(ModuleName, 10, "no part in this")
	ErrDuplicate   = errorsmod.Register(ModuleName, 11, "already done")
	ErrFull        = errorsmod.Register(ModuleName, 12, "no place left")
	ErrCooldown    = errorsmod.Register(ModuleName, 13, "cooling down")
	ErrStanding    = errorsmod.Register(ModuleName, 14, "worker is not in good standing")
	ErrEarly       = errorsmod.Register(ModuleName, 15, "too early")
	ErrNoQuorum    = errorsmod.Register(ModuleName, 16, "opens less than two thirds of the weight")
	ErrClosed      = errorsmod.Register(ModuleName, 17, "run takes no new work")
	ErrNothingOwed = errorsmod.Register(ModuleName, 18, "nothing is owed")
	ErrGenesis     = errorsmod.Register(ModuleName, 19, "inconsistent genesis")
)

var refusals = []struct {
	rule error
	code *errorsmod.Error
}{
	{protocol.ErrInvalid, ErrInvalid},
	{protocol.ErrPhase, ErrPhase},
	{protocol.ErrDeadline, ErrDeadline},
	{protocol.ErrNotMember, ErrNotMember},
	{protocol.ErrDuplicate, ErrDuplicate},
	{protocol.ErrFull, ErrFull},
	{protocol.ErrCooldown, ErrCooldown},
	{protocol.ErrStanding, ErrStanding},
	{protocol.ErrEarly, ErrEarly},
	{protocol.ErrNoQuorum, ErrNoQuorum},
	{protocol.ErrClosed, ErrClosed},
}

// Refusal gives an error of the rules its registered code. Other errors, and
// nil, are returned as they are.
func Refusal(err error) error {
	for _, r := range refusals {
		if errors.Is(err, r.rule) {
			return r.code.Wrap(err.Error())
		}
	}
	return err
}

// Rule is the inverse of Refusal for a transaction's result: the error of the
// rules that a code stands for, or nil if it stands for none.
func Rule(codespace string, code uint32) error {
	for _, r := range refusals {
		if codespace == r.code.Codespace() && code == r.code.ABCICode() {
			return r.rule
		}
	}
	return nil
}

// Code is the code that an error of the rules is registered under; 1, the
// code of internal errors, if it is none of them.
func Code(rule error) uint32 {
	for _, r := range refusals {
		if errors.Is(rule, r.rule) {
			return r.code.ABCICode()
		}
	}
	return 1
}
