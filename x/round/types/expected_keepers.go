package types

import (
	"context"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
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
	// HoldBond takes a bond out of the queue of those to be paid back.
	HoldBond(ctx context.Context, addr sdk.AccAddress, run uint64) error
	PenaltyKeeper
}

// PenaltyKeeper takes bonds. An account without a bond loses nothing.
type PenaltyKeeper interface {
	// Slash takes the whole bond of the account in the run: at executeAt a tenth
	// goes to the finder and the rest is burnt.
	Slash(ctx context.Context, addr sdk.AccAddress, run, round uint64, finder sdk.AccAddress, executeAt time.Time, reason string,
		evidence digest.Digest) (sdk.Coin, error)
	// Fine pays a part of the bond, at most all of it, to somebody at once.
	Fine(ctx context.Context, addr sdk.AccAddress, run uint64, amount sdk.Coin, to sdk.AccAddress) (sdk.Coin, error)
	// Jail keeps the account from work until then.
	Jail(ctx context.Context, addr sdk.AccAddress, until time.Time) error
	// Pardon pays a slashed bond that is not executed yet back.
	Pardon(ctx context.Context, addr sdk.AccAddress, run, round uint64) (sdk.Coin, error)
	// SuspendPenalties keeps the slashes of a round from being executed.
	SuspendPenalties(ctx context.Context, run, round uint64) error
	// ResumePenalties executes the suspended slashes of a run at executeAt.
	ResumePenalties(ctx context.Context, run uint64, executeAt time.Time) error
}

// ModelKeeper owns models, their lineages and treasuries.
type ModelKeeper interface {
	RunModel(ctx context.Context, name string) (protocol.ModelInfo, error)
	// Approved says whether the model's owner approved a run of this spec.
	Approved(ctx context.Context, model string, spec digest.Digest) (bool, error)
	// Debit moves coins from the model's treasury and from the community pool to
	// a module account.
	Debit(ctx context.Context, model string, treasury, community math.Int, toModule string) error
	// Refund is the inverse of Debit.
	Refund(ctx context.Context, model string, treasury, community math.Int, fromModule string) error
	// AppendCheckpoint advances the model's head; it fails when the parent is
	// not the head or the checkpoint exists.
	AppendCheckpoint(ctx context.Context, c protocol.Checkpoint) error
	LineageKeeper
	// SetOpenRun names the run that trains the model; 0: none. It fails when
	// another run is open.
	SetOpenRun(ctx context.Context, model string, run uint64) error
}

// LineageKeeper says what is known of checkpoints.
type LineageKeeper interface {
	// RecordEval writes an evaluation on a set next to its checkpoint.
	RecordEval(ctx context.Context, checkpoint digest.Digest, microNats, tokens uint64, set digest.Digest) error
	// Taint marks a checkpoint and its descendants as containing forged work of
	// an account.
	Taint(ctx context.Context, checkpoint digest.Digest, run, round uint64, account protocol.Account) error
	// Untaint takes that back.
	Untaint(ctx context.Context, checkpoint digest.Digest, account protocol.Account) error
}

// ShareKeeper mints shares up to the model's maximum.
type ShareKeeper interface {
	Mint(ctx context.Context, model string, to sdk.AccAddress, amount math.Int) (minted math.Int, err error)
}

// BankKeeper pays what is owed and takes deposits.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, recipientModule string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, amt sdk.Coins) error
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	// BlockedAddr says that the account, such as a module's, cannot be paid.
	BlockedAddr(addr sdk.AccAddress) bool
}
