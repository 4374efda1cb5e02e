package chain

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// A refusal is recognised by its code, whatever its text says.
func TestRefusalsAreRecognised(t *testing.T) {
	for _, rule := range protocol.Refusals() {
		refusal := roundtypes.Refusal(fmt.Errorf("%w: slot 3 of round 2, said weft1abc", rule))
		err := &TxError{Codespace: roundtypes.ModuleName, Code: rule.Code,
			Log: "failed to simulate tx: failed to execute message; message index: 0: " + refusal.Error() + " [weft/x/round/keeper/msg.go:12]"}
		for _, other := range protocol.Refusals() {
			if got := errors.Is(err, other); got != (rule == other) {
				t.Errorf("%q is %q: %t", err, other, got)
			}
		}
		for _, noise := range []string{"simulate", "message index", ".go:"} {
			if strings.Contains(err.Error(), noise) {
				t.Errorf("%q is not for people", err)
			}
		}
	}
	if errors.Is(&TxError{Codespace: "bank", Code: 9, Log: protocol.ErrDeadline.Error()}, protocol.ErrDeadline) {
		t.Error("another module's code is taken for a rule")
	}
}

func TestOnlyPassingTroubleIsTriedAgain(t *testing.T) {
	for err, want := range map[*TxError]bool{
		{Codespace: "sdk", Code: sdkerrors.ErrWrongSequence.ABCICode()}:     true,
		{Codespace: "sdk", Code: sdkerrors.ErrOutOfGas.ABCICode()}:          true,
		{Codespace: "sdk", Code: sdkerrors.ErrTxInMempoolCache.ABCICode()}:  false, // it would be sent twice
		{Codespace: "sdk", Code: sdkerrors.ErrInsufficientFunds.ABCICode()}: false,
		{Codespace: "round", Code: sdkerrors.ErrWrongSequence.ABCICode()}:   false, // another module's
	} {
		if err.again() != want {
			t.Errorf("%d of %s: again %t", err.Code, err.Codespace, !want)
		}
	}
}

// The sequence number that the node expects is taken from its refusal; nothing else is taken for one.
func TestExpectedSequence(t *testing.T) {
	wrong := sdkerrors.ErrWrongSequence.ABCICode()
	for _, c := range []struct {
		code uint32
		log  string
		want uint64
	}{
		{wrong, "account sequence mismatch, expected 17, got 3: incorrect account sequence", 17},
		{wrong, "account sequence mismatch, expected 99999999999999999999999, got 3", 0},
		{wrong, "incorrect account sequence", 0},
		{sdkerrors.ErrInsufficientFunds.ABCICode(), "expected 17, got 3", 0},
	} {
		if got := (&TxError{Codespace: "sdk", Code: c.code, Log: c.log}).expected(); got != c.want {
			t.Errorf("%q: %d, want %d", c.log, got, c.want)
		}
	}
}
