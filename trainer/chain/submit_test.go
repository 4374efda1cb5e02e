package chain

import (
	"reflect"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// Every event of a worker becomes the message that carries all of it.
func TestMessages(t *testing.T) {
	d := digest.Digest{1, 2, 3}
	commit := protocol.Commit{Body: d, Trace: digest.Digest{4}, Steps: 5, Size: 6}
	outcome := protocol.Outcome{Checkpoint: d, Size: 7, AssignedTokens: 8,
		Contributions: []protocol.Contribution{{Trainer: "a", Slot: 1, Delta: d, Steps: 2, Tokens: 3}}}
	for _, x := range []struct {
		event protocol.Event
		want  any
	}{
		{protocol.Enrol{Account: "a", Slots: 2}, &roundtypes.MsgEnrol{Trainer: "a", Run: 9, Slots: 2}},
		{protocol.Leave{Account: "a"}, &roundtypes.MsgLeave{Account: "a", Run: 9}},
		{protocol.Ready{Account: "a"}, &roundtypes.MsgReady{Attester: "a", Run: 9}},
		{protocol.CommitWork{Account: "a", Round: 3, Slot: 1, Commit: commit},
			&roundtypes.MsgCommit{Trainer: "a", Run: 9, Round: 3, Slot: 1, Commit: roundtypes.CommitOf(commit)}},
		{protocol.Witness{Account: "a", Round: 3, Ok: []uint32{1}, Bad: []uint32{2}},
			&roundtypes.MsgWitness{Attester: "a", Run: 9, Round: 3, Ok: []uint32{1}, Bad: []uint32{2}}},
		{protocol.Attest{Account: "a", Round: 3, Blind: d}, &roundtypes.MsgAttest{Attester: "a", Run: 9, Round: 3, Blind: d.Text()}},
		{protocol.Reveal{Account: "a", Round: 3, Outcome: outcome}, &roundtypes.MsgReveal{Attester: "a", Run: 9, Round: 3,
			Outcome: roundtypes.OutcomeOf(outcome)}},
		{protocol.Review{Account: "a", Round: 3, Blind: d}, &roundtypes.MsgReview{Attester: "a", Run: 9, Round: 3, Blind: d.Text()}},
		{protocol.Report{Account: "a", Round: 3, MicroNats: 4, Tokens: 5},
			&roundtypes.MsgReport{Attester: "a", Run: 9, Round: 3, MicroNats: 4, Tokens: 5}},
	} {
		got, err := message(9, x.event)
		if err != nil || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%T: %+v, want %+v (%v)", x.event, got, x.want, err)
		}
	}
	if m, err := message(9, protocol.Pause{}); err == nil {
		t.Errorf("governance's event became %T", m)
	}
}
