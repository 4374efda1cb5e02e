package chain

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// A refusal is recognised from the text that a simulation keeps of it, and from the code of a transaction in a block.
func TestRefusalsAreRecognised(t *testing.T) {
	for _, rule := range rules {
		refusal := roundtypes.Refusal(fmt.Errorf("%w: slot 3 of round 2, said weft1abc", rule))
		for _, err := range []error{
			simulated(status.Error(codes.Unknown, fmt.Sprintf("failed to execute message; message index: 0: %s", refusal))),
			&TxError{roundtypes.ModuleName, roundtypes.Code(rule), refusal.Error()},
		} {
			for _, other := range rules {
				if got := errors.Is(err, other); got != errors.Is(rule, other) {
					t.Errorf("%q is %q: %t", err, other, got)
				}
			}
			if strings.Contains(err.Error(), "rpc error") || strings.Contains(err.Error(), "message index") {
				t.Errorf("%q is not for people", err)
			}
		}
	}
}

func TestOtherErrorsStayWhatTheyAre(t *testing.T) {
	cause := status.Error(codes.Unknown, "failed to execute message; message index: 0: spendable balance 5uweft is smaller than 7uweft: insufficient funds")
	err := simulated(cause)
	if err.Error() != "spendable balance 5uweft is smaller than 7uweft: insufficient funds" || !errors.Is(err, cause) {
		t.Fatal(err)
	}
	for _, rule := range rules {
		if errors.Is(err, rule) {
			t.Errorf("taken for %q", rule)
		}
	}
	if errors.Is(&TxError{"bank", 9, ""}, protocol.ErrDeadline) {
		t.Error("another module's code is taken for a rule")
	}
}

func TestOnlyPassingTroubleIsTriedAgain(t *testing.T) {
	for err, want := range map[error]bool{
		&TxError{"sdk", 32, "account sequence mismatch"}: true,
		&TxError{"sdk", 11, "out of gas"}:                true,
		&TxError{"sdk", 5, "insufficient funds"}:         false,
		&TxError{"round", 11, "already done"}:            false,
		errors.New("connection refused"):                 false,
	} {
		if again(err) != want {
			t.Errorf("%v: again %t", err, !want)
		}
	}
}
