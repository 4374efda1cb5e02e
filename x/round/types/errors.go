package types

import (
	"errors"
	"strings"

	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"

	"github.com/weftnet/weft/x/round/protocol"
)

// Registered errors besides those of the rules. Codes are part of the protocol and never renumbered; those that are
// missing here are protocol.Refusals. Those that queries return say what they are to clients of gRPC and REST too.
var (
	ErrSpec        = errorsmod.Register(ModuleName, 3, "the run cannot be carried out")
	ErrNoRun       = errorsmod.RegisterWithGRPCCode(ModuleName, 4, codes.NotFound, "no such run")
	ErrNoRound     = errorsmod.RegisterWithGRPCCode(ModuleName, 5, codes.NotFound, "no such round")
	ErrNoPart      = errorsmod.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "the account has no part in this round")
	ErrNotApproved = errorsmod.Register(ModuleName, 7, "the model's owner did not approve this spec")
	ErrNothingOwed = errorsmod.Register(ModuleName, 18, "nothing is owed")
	ErrGenesis     = errorsmod.Register(ModuleName, 19, "inconsistent genesis")
)

// refusals are the errors that the rules' refusals are registered as.
var refusals = func() map[*protocol.Refusal]*errorsmod.Error {
	all := map[*protocol.Refusal]*errorsmod.Error{}
	for _, r := range protocol.Refusals() {
		grpc := codes.FailedPrecondition
		if r == protocol.ErrInvalid {
			grpc = codes.InvalidArgument
		}
		all[r] = errorsmod.RegisterWithGRPCCode(ModuleName, r.Code, grpc, r.Error())
	}
	return all
}()

// ErrInvalid is the rules' refusal of malformed values, for those that are refused before the rules see them.
var ErrInvalid = Registered(protocol.ErrInvalid)

// Registered is the error that a refusal is registered as.
func Registered(r *protocol.Refusal) *errorsmod.Error { return refusals[r] }

// Refusal gives an error of the rules its registered code. Other errors, and nil, are returned as they are.
func Refusal(err error) error {
	var r *protocol.Refusal
	if errors.As(err, &r) {
		return Registered(r).Wrap(strings.TrimPrefix(err.Error(), r.Error()+": ")) // Wrap says it again, at the end
	}
	return err
}

// Rule is the refusal that a transaction's result stands for, or nil if it stands for none.
func Rule(codespace string, code uint32) error {
	for _, r := range protocol.Refusals() {
		if codespace == ModuleName && code == r.Code {
			return r
		}
	}
	return nil
}
