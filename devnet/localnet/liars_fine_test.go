package localnet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/round/protocol"
)

// fine is a tenth of a bond, for each wrong verdict; deposit is what a dispute by message holds.
const (
	fine    = 8_000_000
	deposit = 10_000_000
)

// audits is how many audits of a part an attester was given.
func audits(p protocol.Part, w *Node) (n uint64) {
	for _, s := range p.Slots {
		for _, a := range s.Audits {
			if string(a.Auditor) == w.Account.String() {
				n++
			}
		}
	}
	return n
}

func disputeOfAccount(r *protocol.RoundState, account protocol.Account) *protocol.Dispute {
	for i := range r.Disputes {
		if r.Disputes[i].Trainer == account {
			return &r.Disputes[i]
		}
	}
	return nil
}

// fines expects that every wrong verdict of an attester in a round was refuted, and that it paid the trainer for each.
// When the trainer had to accuse itself for that, its deposit came back as pay.
func (x *expectation) fines(t *testing.T, r *protocol.RoundState, liar *Node, verdict protocol.Verdict, accusedItself bool) {
	t.Helper()
	x.credit(t, r)
	x.n.everyTrainerIsPaid(t, r)
	wrong := uint64(0)
	for _, p := range r.Parts {
		d := disputeOfAccount(r, p.Trainer)
		if audits(p, liar) == 0 {
			require.Nil(t, d)
			continue
		}
		require.NotNil(t, d)
		require.Equal(t, protocol.DisputeRefuted, d.Outcome)
		require.True(t, p.Slots[0].Cleared)
		if accusedItself {
			require.Equal(t, p.Trainer, d.Accuser)
			require.EqualValues(t, deposit, d.Deposit)
			x.bank[string(p.Trainer)] -= deposit
			x.owed[string(p.Trainer)] += deposit
		}
		for _, a := range p.Slots[0].Audits {
			if string(a.Auditor) != liar.Account.String() {
				continue
			}
			require.Equal(t, liar.Account.String(), string(a.Auditor))
			if a.Verdict == verdict {
				wrong++
				x.bank[string(p.Trainer)] += fine
				x.bank[liar.Account.String()] -= fine
			}
		}
	}
	require.NotZero(t, wrong, "%s was given no audit", liar.Account.Name)
}

// deposit expects that an accusation was refuted: half of the deposit is the accused's, half goes by weight to those
// who recomputed and said so, and the false judge gets none of it.
func (x *expectation) deposit(t *testing.T, r *protocol.RoundState, accused, falseJudge *Node) {
	t.Helper()
	x.credit(t, r)
	x.n.everyTrainerIsPaid(t, r)
	d := disputeOf(r, accused)
	require.NotNil(t, d)
	require.Equal(t, protocol.DisputeRefuted, d.Outcome)
	x.bank[Holder.String()] -= deposit
	x.owed[accused.Account.String()] += deposit / 2
	judges := d.Votes[:0:0]
	for _, v := range d.Votes {
		if string(v.Attester) != falseJudge.Account.String() {
			judges = append(judges, v)
		}
	}
	require.Len(t, judges, 3)
	for i, part := range protocol.Allot(deposit/2, []uint64{10, 10, 10}) {
		x.owed[string(judges[i].Attester)] += part
	}
}

// slashed expects that a trainer was convicted in a round: its bond was taken, a tenth of it is the finder's, the rest is
// burnt, and the round's checkpoint is marked.
func (x *expectation) slashed(r *protocol.RoundState, w *Node) {
	bond, finder := x.n.Opts.Spec.BondPerSlot, disputeOf(r, w).Accuser
	x.bank[w.Account.String()] -= int64(bond)
	x.bank[string(finder)] += int64(bond / 10)
	x.burned += bond - bond/10
	x.tainted[w.Account.String()] = r.Round.Number
}
