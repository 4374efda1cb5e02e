package localnet

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// expectation is what must have become of everybody's uweft when a run is over and bonds are back.
type expectation struct {
	n       *Net
	tainted map[string]uint64 // by convicted trainer: the round it forged
	bank    map[string]int64  // by address: what its balance changed by
	owed    map[string]uint64 // by address: what it may claim
	burned  uint64
	minted  uint64 // shares, so far
}

func newExpectation(n *Net) *expectation {
	x := &expectation{n: n, tainted: map[string]uint64{}, bank: map[string]int64{}, owed: map[string]uint64{}}
	x.bank[Owner.String()] = -int64(n.Opts.Spec.Budget) // refunds go to the treasury
	return x
}

// credit adds what a round has to pay to trainers and owner, and what it paid to attesters.
func (x *expectation) credit(t *testing.T, r *protocol.RoundState) {
	t.Helper()
	x.owed[Owner.String()] += x.n.paysExactly(t, r, x.n.Opts.MaxShares-x.minted)
	x.minted += r.Round.Minted
	for _, p := range r.Parts {
		x.owed[string(p.Trainer)] += p.Pay
	}
	for _, v := range r.Votes {
		x.owed[string(v.Attester)] += v.Pay
	}
}

// check compares with the chain, to the uweft.
func (x *expectation) check(t *testing.T, ctx context.Context) {
	t.Helper()
	accounts := map[string]string{Owner.String(): "owner", Holder.String(): "holder"}
	for _, w := range x.n.workers() {
		accounts[w.Account.String()] = w.Account.Name
	}
	for address, name := range accounts {
		require.Equal(t, x.bank[address], x.n.balance(t, ctx, address), "balance of %s", name)
		require.Equal(t, x.owed[address], x.n.owed(t, ctx, address), "pay of %s", name)
	}
	require.Equal(t, x.burned, x.n.burned(t, ctx), "burnt")
	require.Equal(t, x.tainted, x.n.taints(t, ctx), "taints")
	require.Equal(t, x.minted, x.n.supply(t, ctx), "shares")
}

// settled waits until nothing of a round is open, and returns it as it is before the evidence window is over.
func (n *Net) settled(t *testing.T, ctx context.Context, number uint64) *protocol.RoundState {
	t.Helper()
	n.until(t, ctx, fmt.Sprintf("round %d is settled for everybody", number), func(s *protocol.State) bool {
		return uint64(s.Run.Finals) >= number && s.Find(number) == nil
	})
	r := n.round(t, ctx, number)
	require.Equal(t, protocol.PhaseSettled, r.Round.Phase)
	require.False(t, r.Round.Pruned, "the evidence window is too short for this machine")
	return r
}

// onlyIn does one round's slots in one way, and all others honestly.
func onlyIn(round uint64, lie slot.Func) slot.Func {
	return func(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, deadline func() time.Time,
		tell slot.Progress) (*slot.Result, error) {
		if j.Round == round {
			return lie(ctx, w, j, keep, s, deadline, tell)
		}
		return slot.Run(ctx, w, j, keep, s, deadline, tell)
	}
}

func nodeName(role string, i int) string { return fmt.Sprintf("%s%d", role, i) }

func partOf(r *protocol.RoundState, w *Node) *protocol.Part {
	for i := range r.Parts {
		if string(r.Parts[i].Trainer) == w.Account.String() {
			return &r.Parts[i]
		}
	}
	return nil
}

func disputeOf(r *protocol.RoundState, w *Node) *protocol.Dispute {
	for i := range r.Disputes {
		if string(r.Disputes[i].Trainer) == w.Account.String() {
			return &r.Disputes[i]
		}
	}
	return nil
}

func voteOf(r *protocol.RoundState, w *Node) protocol.Vote {
	for _, v := range r.Votes {
		if string(v.Attester) == w.Account.String() {
			return v
		}
	}
	return protocol.Vote{}
}
