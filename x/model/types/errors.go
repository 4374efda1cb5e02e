package types

import errorsmod "cosmossdk.io/errors"

// Registered errors. Codes are part of the protocol and never renumbered.
var (
	ErrInvalid      = errorsmod.Register(ModuleName, 2, "invalid request")
	ErrNoModel      = errorsmod.Register(ModuleName, 3, "no such model")
	ErrModelExists  = errorsmod.Register(ModuleName, 4, "the name is taken")
	ErrNotOwner     = errorsmod.Register(ModuleName, 5, "not the model's owner")
	ErrNoCheckpoint = errorsmod.Register(ModuleName, 6, "no such checkpoint")
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
