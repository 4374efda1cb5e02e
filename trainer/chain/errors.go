package chain

import (
	"regexp"
	"strings"

	roundtypes "github.com/weftnet/weft/x/round/types"

	"github.com/weftnet/weft/x/round/protocol"
)

var rules = []error{protocol.ErrInvalid, protocol.ErrPhase, protocol.ErrDeadline, protocol.ErrNotMember, protocol.ErrDuplicate, protocol.ErrFull,
	protocol.ErrCooldown, protocol.ErrStanding, protocol.ErrEarly, protocol.ErrNoQuorum, protocol.ErrClosed}

// noise is what nodes put before and after a refusal: layers of RPC, and where in the source it arose.
var noise = regexp.MustCompile(`^(rpc error: code = \w+ desc = )*(failed to execute message; message index: \d+: )?| \[[^\]]*\.go:\d+\].*$`)

// simulated turns a failed simulation into a TxError. The node's simulation endpoint keeps only the text of a refusal,
// so the rule is recognised by its wording, which x/round registers once and never changes.
func simulated(err error) error {
	text := noise.ReplaceAllString(err.Error(), "")
	for _, r := range rules {
		if strings.Contains(text, r.Error()) {
			code := roundtypes.Code(r)
			return &TxError{roundtypes.ModuleName, code, text}
		}
	}
	return &simulationError{text, err}
}

// simulationError is a refusal by another module, with its text shortened to what people need.
type simulationError struct {
	text string
	err  error
}

func (e *simulationError) Error() string { return e.text }
func (e *simulationError) Unwrap() error { return e.err }
