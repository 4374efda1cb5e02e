package types

import (
	"context"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
)

// WorkerKeeper tells who may work and holds their bonds.
type WorkerKeeper interface {
	// Standing says whether the account is a registered worker, and until when
	// it is jailed (zero time: it is not).
	Standing(ctx context.Context, addr sdk.AccAddress) (registered bool, jailedUntil time.Time, err error)
	// Weight is the bonded tokens of the account's linked validator; 0 when it
	// is not linked, or the validator is unbonded or jailed.
	Weight(ctx context.Context, addr sdk.AccAddress) (uint64, error)
	// LockBond moves coins from the account into its bond in the run.
	LockBond(ctx context.Context, addr sdk.AccAddress, run uint64, amount sdk.Coin) error
	// ReleaseBond pays the account's bond in the run back at unlockAt.
	ReleaseBond(ctx context.Context, addr sdk.AccAddress, run uint64, unlockAt time.Time) error
}

// ModelKeeper owns models, their lineages and treasuries.
type ModelKeeper interface {
	RunModel(ctx context.Context, name string) (protocol.ModelInfo, error)
	// Approved says whether the model's owner approved a run of this spec.
	Approved(ctx context.Context, model string, spec protocol.Digest) (bool, error)
	// Debit moves coins from the model's treasury to a module account.
	Debit(ctx context.Context, model string, amount math.Int, toModule string) error
	// Refund is the inverse of Debit.
	Refund(ctx context.Context, model string, amount math.Int, fromModule string) error
	// AppendCheckpoint advances the model's head; it fails when the parent is
	// not the head or the checkpoint exists.
	AppendCheckpoint(ctx context.Context, c protocol.Checkpoint) error
	// RecordEval writes an evaluation next to its checkpoint.
	RecordEval(ctx context.Context, checkpoint protocol.Digest, microNats, tokens uint64) error
	// SetOpenRun names the run that trains the model; 0: none. It fails when
	// another run is open.
	SetOpenRun(ctx context.Context, model string, run uint64) error
}

// ShareKeeper mints shares up to the model's maximum.
type ShareKeeper interface {
	Mint(ctx context.Context, model string, to sdk.AccAddress, amount math.Int) (minted math.Int, err error)
}

// BankKeeper pays what is owed.
type BankKeeper interface {
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, amt sdk.Coins) error
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}
