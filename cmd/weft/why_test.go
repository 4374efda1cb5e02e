package main

import (
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// A slot in the checkpoint that no attester drew says so once audits are drawn, and not before, nor when it had audits, nor
// when the chain keeps outcomes only.
func TestWhyOfASlotThatNobodyDrew(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*protocol.RoundState, *protocol.SlotWork)
		says   bool
	}{
		{"not drawn", func(*protocol.RoundState, *protocol.SlotWork) {}, true},
		{"before FINAL", func(r *protocol.RoundState, _ *protocol.SlotWork) {
			r.Round.Opened, r.Round.Phase = false, protocol.PhaseWaiting
		}, false},
		{"audited", func(_ *protocol.RoundState, w *protocol.SlotWork) { w.Audits = []protocol.Audit{{Auditor: "v"}} }, false},
		{"late", func(_ *protocol.RoundState, w *protocol.SlotWork) { w.Fate = protocol.SlotLate }, false},
		{"pruned", func(r *protocol.RoundState, _ *protocol.SlotWork) { r.Round.Pruned = true }, false},
	} {
		r := &protocol.RoundState{Round: protocol.Round{Phase: protocol.PhaseSettled, Opened: true}}
		w := protocol.SlotWork{Fate: protocol.SlotIncluded, Commit: protocol.Commit{Steps: 4, Body: digest.Digest{1}}}
		tt.change(r, &w)
		r.Parts = []protocol.Part{{Trainer: "t", Reason: protocol.ReasonPaid, Slots: []protocol.SlotWork{w}}}
		text := partOf(r, &r.Parts[0]).Text()
		if got := strings.Contains(text, "no attester drew"); got != tt.says {
			t.Errorf("%s:\n%s", tt.name, text)
		}
	}
}
