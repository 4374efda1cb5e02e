package main

import (
	"errors"
	"fmt"

	"github.com/weftnet/weft/x/round/protocol"
)

// deter shows what forging segments is worth under the spec's bond, and refuses a spec under which it pays.
func deter(p *printer, path string, s *protocol.RunSpec, a protocol.Assumptions) error {
	table := s.Deter(a)
	p.event("assumptions", fields{"slot_reward": s.SlotReward(), "outside": a.Outside, "honest": a.Honest, "bond": s.BondPerSlot, "audits": s.Audits},
		"  cheating   a slot earns at most %s and bonds %s; %d audits, on average, of its %d segments\n             assumed: forged work is worth %s outside, %d.%02d %% of the attesters' weight is honest",
		weft(s.SlotReward()), weft(s.BondPerSlot), s.Audits, s.Segments(s.InnerSteps), weft(a.Outside), a.Honest/100, a.Honest%100)
	var pays []protocol.Deterrence
	need := uint64(0)
	for _, d := range table {
		p.event("forged", fields{"segments": d.Forged, "caught": float64(d.Caught) / 1e6, "gain": d.Gain, "bond": d.Bond},
			"             %3d forged: caught with %6.2f %%, worth %s, least bond %s", d.Forged, float64(d.Caught)/1e4, signed(d.Gain), weft(d.Bond))
		if d.Gain >= 0 {
			pays = append(pays, d)
		}
		need = max(need, d.Bond)
	}
	if len(pays) == 0 {
		return nil
	}
	d := pays[0]
	return &OpError{Op: "use the spec", Ref: path,
		Err:  fmt.Errorf("forging pays: %d of %d segments are worth %s more than honest work, caught with %.2f %%", d.Forged, len(table), signed(d.Gain), float64(d.Caught)/1e4),
		Hint: fmt.Sprintf("raise bond_per_slot above %d, or audits above %d; docs/money.md has the formula", need, s.Audits)}
}

// signed shows a difference of uweft.
func signed(v int64) string {
	if v < 0 {
		return "-" + weft(uint64(-v))
	}
	return "+" + weft(uint64(v))
}

// honestFlag is a percentage in basis points.
func honestFlag(percent float64) (uint32, error) {
	if !(percent > 0 && percent <= 100) {
		return 0, errors.New("--honest is a percentage above 0, at most 100")
	}
	return uint32(percent * 100), nil
}
