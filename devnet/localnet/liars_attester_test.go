package localnet

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// attesterPay is what each of four equal attesters earns in a round for doing all of its duties.
const attesterPay = 375_000

// The table of attesters that lie about the result: one in each round. The other three of four are a quorum: they and the
// trainers are paid in full, and whoever lied is paid nothing, or for the other duties alone.
var lyingVoters = []struct {
	name     string
	attester int
	lie      cheat.Lie
	pay      func(protocol.Vote) uint64
	check    func(*testing.T, *protocol.RoundState, protocol.Vote)
	salt     bool // the lie is about its salt: it has to be a witness in time
}{
	{"repeats another's blind vote", 0, cheat.Echo, nothing, echoed, false},
	{"votes for another digest", 1, cheat.OtherDigest, nothing, nil, false},
	{"commits to a salt and does not vote", 2, cheat.WithholdVote, nothing, withheld, true},
	{"votes without its salt", 3, cheat.WithholdSalt, nothing, withheld, true},
	{"reports another evaluation", 0, cheat.FalseReport, withoutEvaluation, nil, false},
}

func nothing(protocol.Vote) uint64 { return 0 }

// withoutEvaluation: of two or three duties one was not done.
func withoutEvaluation(v protocol.Vote) uint64 {
	if v.Audited > 0 {
		return attesterPay * 2 / 3
	}
	return attesterPay / 2
}

func echoed(t *testing.T, r *protocol.RoundState, v protocol.Vote) {
	t.Helper()
	require.True(t, slices.ContainsFunc(r.Votes, func(o protocol.Vote) bool { return o.Attester != v.Attester && o.Blind == v.Blind }), "%+v",
		v)
}

// withheld: nothing of it counts, and the others draw their audits as ever.
func withheld(t *testing.T, r *protocol.RoundState, v protocol.Vote) {
	t.Helper()
	require.False(t, v.SaltCommit.IsZero())
	require.True(t, v.Salt.IsZero() && v.Blind.IsZero(), "%+v", v)
	for _, p := range r.Parts {
		require.Len(t, p.Slots[0].Audits, 3*4, "each of the other three audits every segment")
	}
}

// witnessAfter waits with being a witness until somebody else is one.
func witnessAfter(other func() *Node) cheat.Lie {
	return func(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
		w, ok := e.(protocol.Witness)
		if !ok {
			return e, nil
		}
		for {
			s, err := c.Sight(ctx, run)
			if err != nil {
				return nil, err
			}
			if r := s.State.Find(w.Round); r == nil || r.Round.Phase != protocol.PhasePublish || voteOf(r, other()).Witnessed {
				return e, nil
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// TestLyingVoters plays the table, a round for each.
func TestLyingVoters(t *testing.T) {
	t.Parallel()
	o := attesterOptions(t, len(lyingVoters))
	o.Spec.Grace = 3 * time.Second
	var n *Net
	lies := map[string]cheat.Lie{}
	add := func(attester int, lie cheat.Lie) {
		name := nodeName("attester", attester)
		if before := lies[name]; before != nil {
			lie = cheat.Both(before, lie)
		}
		lies[name] = lie
	}
	for i, l := range lyingVoters {
		for j := range o.Validators {
			switch {
			case j == l.attester:
				add(j, cheat.In(uint64(i+1), l.lie))
			case l.salt:
				add(j, cheat.In(uint64(i+1), witnessAfter(func() *Node { return n.Attesters[l.attester] })))
			}
		}
	}
	o.Wrap = telling(lies)
	var ctx context.Context
	n, ctx = start(t, o)
	startAll(t, ctx, n.workers()...)
	x := newExpectation(n)
	for i, l := range lyingVoters {
		r := n.settled(t, ctx, uint64(i+1))
		x.credit(t, r)
		n.everyTrainerIsPaid(t, r)
		for j, w := range n.Attesters {
			v := voteOf(r, w)
			want := uint64(attesterPay)
			if j == l.attester {
				want = l.pay(v)
				if l.check != nil {
					l.check(t, r, v)
				}
			}
			require.Equal(t, want, v.Pay, "%s: %s: %+v", l.name, w.Account.Name, v)
		}
	}
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}

// TestAbsentAttesters: one says Ready and has nothing, another says nothing more at all. Neither is paid, after three
// rounds both are dropped, and the others, exactly two thirds of the weight, go on with rounds of their own. Of the
// model's shares no more is minted than there may be.
func TestAbsentAttesters(t *testing.T) {
	t.Parallel()
	o := attesterOptions(t, 4)
	o.Power, o.MaxShares = []int64{10, 10, 5, 5}, 25_000
	g := newGates()
	lies := telling(map[string]cheat.Lie{"attester2": cheat.Dropped(cheat.Unready), "attester3": cheat.Dropped(cheat.SilentAttester)})
	o.Wrap = func(name string, c worker.Chain) worker.Chain { return g.Wrap(name, lies(name, c)) }
	o.Spec.MinAttesters = 2
	n, ctx := start(t, o)
	startAll(t, ctx, n.Attesters...)
	n.until(t, ctx, "all attesters are ready", func(s *protocol.State) bool { return ready(s) == 4 })
	startAll(t, ctx, n.Trainers...)
	x := newExpectation(n)
	for number := uint64(1); number <= 4; number++ {
		r := n.settled(t, ctx, number)
		x.credit(t, r)
		n.everyTrainerIsPaid(t, r)
		want := []uint64{500_000, 500_000, 0, 0}
		if number == 4 {
			require.Len(t, r.Round.Seats, 2)
			want = []uint64{750_000, 750_000, 0, 0}
		}
		for i, w := range n.Attesters {
			require.Equal(t, want[i], voteOf(r, w).Pay, "round %d: %s", number, w.Account.Name)
		}
	}
	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	require.Equal(t, o.MaxShares, x.minted)
	x.check(t, ctx)
}

func ready(s *protocol.State) (n int) {
	for _, a := range s.Run.Attesters {
		if a.Ready {
			n++
		}
	}
	return n
}

// TestLyingJudges: in the first round an attester calls all work forged and in the second another one calls all of it good
// without having looked; in the third a stranger accuses with a deposit; and a fourth attester says in every dispute that
// the work differs. All accused are cleared and paid, and the liars pay them.
func TestLyingJudges(t *testing.T) {
	t.Parallel()
	g, o := newGates(), attesterOptions(t, 3)
	o.Power = []int64{10, 10, 4, 10} // the false judge has little, so that the others are drawn
	o.Evidence = 8 * time.Second
	o.Spec.InnerSteps, o.Spec.Audits, o.Spec.Batch = 16, 16, 1
	lies := telling(map[string]cheat.Lie{"attester0": cheat.In(1, cheat.FalseAccuser), "attester1": cheat.In(2, cheat.Lazy),
		"attester2": cheat.FalseJudge})
	o.Wrap = func(name string, c worker.Chain) worker.Chain { return lies(name, g.Wrap(name, c)) }
	g.hold("attester3", func(e protocol.Event) bool { v, ok := e.(protocol.Review); return ok && v.Round == 3 })
	n, ctx := start(t, o)
	startAll(t, ctx, n.workers()...)
	x := newExpectation(n)

	x.fines(t, n.settled(t, ctx, 1), n.Attesters[0], protocol.VerdictBad, false)
	n.until(t, ctx, "the trainers expose the lazy auditor", func(*protocol.State) bool { return n.exposed(t, ctx, 2, n.Attesters[1]) })
	x.fines(t, n.settled(t, ctx, 2), n.Attesters[1], protocol.VerdictOK, true)

	g.wait(t, ctx, "attester3")
	accused := n.Trainers[0]
	_, err := n.Send(ctx, Holder, &roundtypes.MsgDispute{Accuser: Holder.String(), Run: n.RunID, Round: 3, Trainer: accused.Account.String(),
		Slot: partOf(n.round(t, ctx, 3), accused).Slots[0].Index})
	require.NoError(t, err)
	g.open("attester3")
	x.deposit(t, n.settled(t, ctx, 3), accused, n.Attesters[2])

	waitAll(t, ctx, n)
	n.ended(t, ctx)
	n.released(t, ctx)
	x.check(t, ctx)
}

// exposed says whether every slot that an attester audited in a round was disputed and decided.
func (n *Net) exposed(t *testing.T, ctx context.Context, number uint64, w *Node) bool {
	t.Helper()
	cc := n.Trainers[0].Client
	r, err := cc.Round(ctx, n.RunID, number)
	if err != nil || r.Round.Phase != protocol.PhaseSettled {
		return false
	}
	for _, p := range r.Parts {
		d := disputeOfAccount(r, p.Trainer)
		if audits(p, w) > 0 && (d == nil || d.Outcome == 0) {
			return false
		}
	}
	return true
}

// attesterOptions are two trainers, so that none is hurried by grace, which attesters that do not vote are given.
func attesterOptions(t *testing.T, rounds int) Options {
	o := liarOptions(t)
	o.Trainers, o.Spec.MinTrainers, o.Spec.Grace = 2, 2, time.Second
	o.Spec.Rounds, o.Spec.Budget = uint32(rounds), uint64(rounds)*o.Spec.RewardPerRound
	return o
}

// telling is for Options.Wrap.
func telling(lies map[string]cheat.Lie) func(string, worker.Chain) worker.Chain {
	return func(name string, c worker.Chain) worker.Chain {
		if lie := lies[name]; lie != nil {
			return cheat.Attester(c, lie)
		}
		return c
	}
}

func (n *Net) everyTrainerIsPaid(t *testing.T, r *protocol.RoundState) {
	t.Helper()
	require.Len(t, r.Parts, len(n.Trainers))
	for _, p := range r.Parts {
		require.Equal(t, protocol.ReasonPaid, p.Reason, "round %d: %s", r.Round.Number, p.Trainer)
	}
}
