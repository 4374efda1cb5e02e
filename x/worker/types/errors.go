package types

import (
	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"
)

// Registered errors. Codes are part of the protocol and never renumbered. Those that queries return say what they are to
// clients of gRPC and REST too.
var (
	ErrInvalid     = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "invalid request")
	ErrNoWorker    = errorsmod.RegisterWithGRPCCode(ModuleName, 3, codes.NotFound, "not a worker")
	ErrRegistered  = errorsmod.Register(ModuleName, 4, "already a worker")
	ErrEnvelope    = errorsmod.Register(ModuleName, 5, "the node key's envelope is not valid")
	ErrBinding     = errorsmod.Register(ModuleName, 6, "the node key signed something else")
	ErrPeerTaken   = errorsmod.Register(ModuleName, 7, "the node key belongs to another worker")
	ErrWrongPeer   = errorsmod.Register(ModuleName, 8, "not the key of this worker's node")
	ErrLinked      = errorsmod.Register(ModuleName, 9, "already linked")
	ErrNotLinked   = errorsmod.Register(ModuleName, 10, "not linked")
	ErrNoValidator = errorsmod.Register(ModuleName, 11, "no such validator")
	ErrBond        = errorsmod.Register(ModuleName, 12, "bond not accepted")
	ErrWeight      = errorsmod.Register(ModuleName, 13, "bonded tokens beyond 2^64")
	ErrGenesis     = errorsmod.Register(ModuleName, 14, "inconsistent genesis")
	ErrPenalty     = errorsmod.Register(ModuleName, 15, "already slashed in another coin")
	ErrNoPenalty   = errorsmod.Register(ModuleName, 16, "no slash is pending")
	ErrBooks       = errorsmod.Register(ModuleName, 17, "the books do not balance")
)
