package types

import (
	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"
)

// Registered errors. Codes are part of the protocol and never renumbered. Those that queries return say what they are to
// clients of gRPC and REST too.
var (
	ErrInvalid       = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "invalid request")
	ErrNoPool        = errorsmod.RegisterWithGRPCCode(ModuleName, 3, codes.NotFound, "no such pool")
	ErrPoolExists    = errorsmod.Register(ModuleName, 4, "the pool exists already")
	ErrDenom         = errorsmod.Register(ModuleName, 5, "denom not accepted as revenue")
	ErrTooSmall      = errorsmod.Register(ModuleName, 6, "deposit below the minimum")
	ErrNoHolders     = errorsmod.Register(ModuleName, 7, "nobody holds shares of this model yet")
	ErrTooMuch       = errorsmod.Register(ModuleName, 8, "deposit beyond what the pool can account for")
	ErrModuleAccount = errorsmod.Register(ModuleName, 9, "shares cannot be sent to a module account")
	ErrShort         = errorsmod.Register(ModuleName, 10, "not enough shares")
	ErrBooks         = errorsmod.Register(ModuleName, 11, "the books of shares do not balance")
)
