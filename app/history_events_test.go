package app_test

import (
	"fmt"
	"sort"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// events counts what happened over all histories.
type events struct {
	counts  map[string]int
	decided roundtypes.EventDisputeDecided // the last dispute that was
}

func newEvents() *events { return &events{counts: map[string]int{}} }

func (e *events) count(h *history, list []abci.Event) {
	for _, raw := range list {
		if !strings.HasPrefix(raw.Type, "weft.") {
			continue
		}
		ev, err := sdk.ParseTypedEvent(raw)
		if err != nil {
			h.fail("event %s: %s", raw.Type, err)
		}
		if what := e.name(h, ev); what != "" {
			e.counts[what]++
		}
	}
}

// name is what an event is counted as; empty for those of no interest.
func (e *events) name(h *history, ev any) string {
	switch ev := ev.(type) {
	case *roundtypes.EventPhaseChanged:
		return "round " + strings.TrimPrefix(ev.Phase.String(), "PHASE_")
	case *roundtypes.EventFault:
		h.fail("run %d was set aside: %s", ev.Run, ev.Why)
	case *roundtypes.EventDepositPaid:
		switch {
		case e.decided.Outcome != roundtypes.DISPUTE_OUTCOME_REFUTED:
			return "deposit back"
		case e.decided.Trainer == ev.Account:
			return "deposit lost"
		}
	case *roundtypes.EventDisputeDecided:
		e.decided = *ev
		return "dispute " + strings.TrimPrefix(ev.Outcome.String(), "DISPUTE_OUTCOME_")
	case *roundtypes.EventRefunded:
		if ev.Community > 0 {
			return "community refund"
		}
		return "refund"
	case *roundtypes.EventReasonGiven:
		return "reason " + strings.TrimPrefix(ev.Reason.String(), "REASON_")
	case *roundtypes.EventNumericsSuspect:
		return "numerics suspect"
	case *roundtypes.EventClaimed:
		return "pay claimed"
	case *sharetypes.EventClaim:
		if ev.Amount != "" {
			return "share claim"
		}
	case *workertypes.EventSlashExecuted:
		return "slash executed"
	case *workertypes.EventFined:
		return "fine"
	case *workertypes.EventPardoned:
		return "pardon"
	case *workertypes.EventBondPaid:
		return "bond back"
	}
	return ""
}

// missing lists what never happened.
func (e *events) missing(names ...string) (none []string) {
	for _, n := range names {
		if e.counts[n] == 0 {
			none = append(none, n)
		}
	}
	return none
}

func (e *events) String() string {
	var lines []string
	for what, n := range e.counts {
		lines = append(lines, fmt.Sprintf("%s: %d", what, n))
	}
	sort.Strings(lines)
	return strings.Join(lines, ", ")
}
