package chain

import (
	"errors"
	"fmt"
	"testing"

	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// A refusal is recognised by the code of a transaction, in a block or simulated, and what people read says it once.
func TestRefusalsAreRecognised(t *testing.T) {
	for _, rule := range protocol.Refusals() {
		refusal := roundtypes.Refusal(fmt.Errorf("%w: slot 3 of round 2", rule))
		err := error(&TxError{roundtypes.ModuleName, rule.Code, "failed to simulate tx: failed to execute message; message index: 0: " + refusal.Error()})
		for _, other := range protocol.Refusals() {
			if got := errors.Is(err, other); got != (rule == other) {
				t.Errorf("%q is %q: %t", err, other, got)
			}
		}
		if want := "slot 3 of round 2: " + rule.Error(); err.Error() != want {
			t.Errorf("%q, want %q", err, want)
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
