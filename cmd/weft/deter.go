package main

import (
	"fmt"

	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// deterrence tells what forging segments is worth under a spec.
type deterrence struct {
	SlotReward status.Amount `json:"slot_reward"`
	Bond       status.Amount `json:"bond"`
	Audits     uint32        `json:"audits"`   // of a slot, on average
	Segments   uint32        `json:"segments"` // of a slot
	Outside    status.Amount `json:"outside"`  // assumed worth of forged work
	Honest     uint32        `json:"honest"`   // assumed part of the weight, in basis points
	Forged     []forgedLine  `json:"forged"`
}

// forgedLine is the worth of forging a number of segments.
type forgedLine struct {
	Segments uint32        `json:"segments"`
	Caught   float64       `json:"caught"` // chance
	Gain     string        `json:"gain"`   // uweft beyond honest work
	Bond     status.Amount `json:"bond"`   // the least that deters
	text     string
}

func (*deterrence) Kind() string { return "deterrence" }

func (e *deterrence) Text() string {
	s := fmt.Sprintf("  cheating   a slot earns at most %s and bonds %s; %d audits, on average, of its %d segments\n"+
		"             assumed: forged work is worth %s outside, %d.%02d %% of the attesters' weight is honest",
		e.SlotReward, e.Bond, e.Audits, e.Segments, e.Outside, e.Honest/100, e.Honest%100)
	for _, f := range e.Forged {
		s += "\n" + f.text
	}
	return s
}

// deter shows what forging segments is worth under the spec's bond, and refuses a spec under which it pays.
func deter(p *out.Printer, path string, s *protocol.RunSpec, a protocol.Assumptions) error {
	table := s.Deter(a)
	e := &deterrence{SlotReward: status.Amount(s.SlotReward()), Bond: status.Amount(s.BondPerSlot), Audits: s.Audits,
		Segments: s.Segments(s.InnerSteps),
		Outside:  status.Amount(a.Outside), Honest: a.Honest}
	var pays []protocol.Deterrence
	need := uint64(0)
	for _, d := range table {
		e.Forged = append(e.Forged, forgedLine{d.Forged, float64(d.Caught) / 1e6, fmt.Sprint(d.Gain), status.Amount(d.Bond),
			fmt.Sprintf("             %3d forged: caught with %6.2f %%, worth %s, least bond %s", d.Forged, float64(d.Caught)/1e4, signed(d.Gain),
				status.WEFT(d.Bond))})
		if d.Gain >= 0 {
			pays = append(pays, d)
		}
		need = max(need, d.Bond)
	}
	p.Emit(e)
	if len(pays) == 0 {
		return p.Err()
	}
	d := pays[0]
	return &operror.Error{Op: "use the spec", Ref: path,
		Err: fmt.Errorf("forging pays: %d of %d segments are worth %s more than honest work, caught with %.2f %%", d.Forged, len(table),
			signed(d.Gain), float64(d.Caught)/1e4),
		Hint: fmt.Sprintf("raise bond_per_slot above %d, or audits above %d; docs/money.md has the formula", need, s.Audits)}
}

// signed shows a difference of uweft.
func signed(v int64) string {
	if v < 0 {
		return "-" + status.WEFT(uint64(-v))
	}
	return "+" + status.WEFT(uint64(v))
}
