package chain

import (
	"regexp"

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

// again says that the same transaction may succeed with another sequence number or more gas.
func (e *TxError) again() bool {
	return e.is(sdkerrors.ErrWrongSequence.ABCICode(), sdkerrors.ErrOutOfGas.ABCICode())
}

// Funds says that the account has too few coins, or none and so is not known.
func (e *TxError) Funds() bool {
	return e.is(sdkerrors.ErrInsufficientFunds.ABCICode(), sdkerrors.ErrUnknownAddress.ABCICode())
}

// Fee says that the node asks for higher fees.
func (e *TxError) Fee() bool { return e.is(sdkerrors.ErrInsufficientFee.ABCICode()) }

func (e *TxError) is(codes ...uint32) bool {
	if e.Codespace != sdkerrors.RootCodespace {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}
