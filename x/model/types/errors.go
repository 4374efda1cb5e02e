package types

import (
	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"
)

// Registered errors. Codes are part of the protocol and never renumbered. Those that queries return say what they are to
// clients of gRPC and REST too.
var (
	ErrInvalid      = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "invalid request")
	ErrNoModel      = errorsmod.RegisterWithGRPCCode(ModuleName, 3, codes.NotFound, "no such model")
	ErrModelExists  = errorsmod.Register(ModuleName, 4, "the name is taken")
	ErrNotOwner     = errorsmod.Register(ModuleName, 5, "not the model's owner")
	ErrNoCheckpoint = errorsmod.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "no such checkpoint")
	ErrCheckpoint   = errorsmod.Register(ModuleName, 7, "the checkpoint is known already")
	ErrNotHead      = errorsmod.Register(ModuleName, 8, "the parent is not the head of the lineage")
	ErrTreasury     = errorsmod.Register(ModuleName, 9, "not enough in the treasury")
	ErrRefund       = errorsmod.Register(ModuleName, 10, "a run gave back more than it drew")
	ErrTooMany      = errorsmod.Register(ModuleName, 11, "too many entries")
	ErrNoApproval   = errorsmod.Register(ModuleName, 12, "no such approval")
	ErrFunding      = errorsmod.Register(ModuleName, 13, "funding not accepted")
	ErrRunOpen      = errorsmod.Register(ModuleName, 14, "the model has an open run")
	ErrGenesis      = errorsmod.Register(ModuleName, 15, "inconsistent genesis")
	ErrBooks        = errorsmod.Register(ModuleName, 16, "the books do not balance")
)
