package chain

import (
	"errors"
	"regexp"
	"strconv"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	roundtypes "github.com/weftnet/weft/x/round/types"
)

// TxError is a transaction that the chain refused.
type TxError struct {
	Codespace string
	Code      uint32
	Log       string
}

// noise is what nodes put before and after a refusal: which message failed, and where in the source it arose.
var noise = regexp.MustCompile(`^(failed to simulate tx: )?(failed to execute message; message index: \d+: )?| \[[^\]]*\.go:\d+\]`)

func (e *TxError) Error() string { return noise.ReplaceAllString(e.Log, "") }

// Unwrap gives the rule that was broken, if it was one of x/round's.
func (e *TxError) Unwrap() error { return roundtypes.Rule(e.Codespace, e.Code) }

// Is says whether the chain's error is a registered one.
func (e *TxError) Is(target error) bool {
	var known *errorsmod.Error
	return errors.As(target, &known) && known.Codespace() == e.Codespace && known.ABCICode() == e.Code
}

// again says that the same messages may succeed with another sequence number or more gas.
func (e *TxError) again() bool {
	return e.Is(sdkerrors.ErrWrongSequence) || e.Is(sdkerrors.ErrOutOfGas)
}

// expectedSequence is where the ante handler says which sequence number it wants; its error has no field for it.
var expectedSequence = regexp.MustCompile(`expected (\d+), got \d+`)

// expected is the sequence number to try next; 0: the one that the account has.
func (e *TxError) expected() uint64 {
	m := expectedSequence.FindStringSubmatch(e.Log)
	if !e.Is(sdkerrors.ErrWrongSequence) || m == nil {
		return 0
	}
	n, err := strconv.ParseUint(m[1], 10, 64)
	if err != nil {
		return 0 // more than 64 bits: not a sequence number
	}
	return n
}

// Funds says that the account has too few coins, or none and so is not known.
func (e *TxError) Funds() bool {
	return e.Is(sdkerrors.ErrInsufficientFunds) || e.Is(sdkerrors.ErrUnknownAddress)
}

// Fee says that the node asks for higher fees.
func (e *TxError) Fee() bool { return e.Is(sdkerrors.ErrInsufficientFee) }
