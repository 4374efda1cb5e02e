package localnet

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// TestDrawnForgeriesAreConvicted: with two audits for each slot a forged segment that is served is found when it is drawn
// and only then; who serves nothing is found by any audit from there on, since the auditor starts from the checkpoint.
func TestDrawnForgeriesAreConvicted(t *testing.T) {
	t.Parallel()
	const at = 1
	o := liarOptions(t)
	o.Trainers, o.Spec.MinTrainers = honest+2, honest
	o.Spec.Audits, o.Spec.Rounds, o.Spec.InnerSteps = 2, 3, 3
	o.Trainer = func(name string, tr *trainer.Config) {
		switch name {
		case nodeName("trainer", honest):
			tr.Do = cheat.Inject(at)
		case nodeName("trainer", honest+1):
			tr.Do = cheat.Silent(cheat.Inject(at))
		}
	}
	n, ctx := start(t, o)
	startTogether(t, ctx, n)
	x, convicted := newExpectation(n), map[*Node]bool{}
	for number := uint64(1); number <= uint64(o.Spec.Rounds); number++ {
		r := n.settled(t, ctx, number)
		x.credit(t, r)
		for i, w := range n.Trainers {
			if convicted[w] {
				continue
			}
			p := partOf(r, w)
			found := slices.ContainsFunc(p.Slots[0].Audits, func(a protocol.Audit) bool {
				return i == honest && a.Segment == at || i == honest+1 && a.Segment >= at
			})
			require.Equal(t, found, p.Reason == fraud, "round %d: %s: %+v", number, w.Account.Name, p)
			if !found {
				require.Equal(t, protocol.ReasonPaid, p.Reason)
				continue
			}
			convicted[w] = true
			require.EqualValues(t, at, disputeOf(r, w).Ruling.Segment)
			x.slashed(r, w)
		}
	}
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}

// TestStrangerFindsForgery: whatever is drawn, and before any auditor has answered, a stranger with a deposit accuses a
// forger: the deposit comes back, and the finder's tenth of the bond is the stranger's.
func TestStrangerFindsForgery(t *testing.T) {
	t.Parallel()
	g, o := newGates(), liarOptions(t)
	o.Trainers, o.Spec.MinTrainers, o.Spec.Rounds = honest+1, honest, 1
	o.Trainer = lying([]liar{{"injects a foreign state", 1, always(cheat.Inject(3)), fraud, 3}})
	o.Wrap = g.Wrap
	for i := range o.Validators {
		g.hold(nodeName("attester", i), func(e protocol.Event) bool { v, ok := e.(protocol.Review); return ok && v.Round == 1 })
	}
	n, ctx := start(t, o)
	startTogether(t, ctx, n)
	for _, w := range n.Attesters {
		g.wait(t, ctx, w.Account.Name)
	}
	forger := n.Trainers[honest]
	_, err := n.Send(ctx, Holder, &roundtypes.MsgDispute{Accuser: Holder.String(), Run: n.RunID, Round: 1, Trainer: forger.Account.String(),
		Slot: partOf(n.round(t, ctx, 1), forger).Slots[0].Index})
	require.NoError(t, err)
	for _, w := range n.Attesters {
		g.open(w.Account.Name)
	}
	x, r := newExpectation(n), n.settled(t, ctx, 1)
	x.credit(t, r)
	require.Equal(t, fraud, partOf(r, forger).Reason)
	require.Equal(t, Holder.String(), string(disputeOf(r, forger).Accuser))
	x.slashed(r, forger)
	x.bank[Holder.String()] -= deposit
	x.owed[Holder.String()] += deposit
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}
