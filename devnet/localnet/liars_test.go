package localnet

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

// liar is a trainer that lies in one round and works honestly in the others.
type liar struct {
	name  string
	round uint64
	do    func(t *trainer.Config) slot.Func
	// reason and segment are what is recorded of it in that round; segment counts only for FRAUD.
	reason  protocol.Reason
	segment uint32
}

// always makes a liar out of a SlotFunc that needs nothing.
func always(f slot.Func) func(*trainer.Config) slot.Func {
	return func(*trainer.Config) slot.Func { return f }
}

const fraud, malformed, late, partial = protocol.ReasonFraud, protocol.ReasonMalformed, protocol.ReasonLate, protocol.ReasonPaidPartial

// The table of lying trainers. Slots have 4 segments, all audited. Whoever is FRAUD loses its bond of 80,000,000 uweft in
// the run, of which 8,000,000 go to the attester that found it and the rest is burnt, and is paid nothing; nobody else
// loses a unit. At most two of each round are convicted: three would be suspect.
var lyingTrainers = []struct {
	name  string
	liars []liar
	check func(*testing.T, *Net, *protocol.RoundState)
}{
	{"skip inject badleaves, then otherdata otherstart", []liar{
		{"skips steps and invents states", 1, always(cheat.Skip()), fraud, 1},
		{"injects a foreign state", 1, always(cheat.Inject(2)), fraud, 2},
		{"leaves that do not hash to the root", 1, always(cheat.BadLeaves()), malformed, 0},
		{"trains on other data", 2, always(cheat.OtherData()), fraud, 0},
		{"starts from other parameters", 2, always(cheat.OtherStart()), fraud, 0},
	}, nil},
	{"copy scale, then otherbody silent", []liar{
		{"copies another's delta", 1, func(t *trainer.Config) slot.Func { return cheat.Copy(t.Chain, t.Account) }, fraud, 0},
		{"multiplies by 1,000", 1, always(cheat.Scale()), fraud, 3},
		{"encodes another body", 2, always(cheat.OtherBody()), fraud, 3},
		{"refuses to serve", 2, always(cheat.Silent(cheat.Inject(1))), fraud, 1},
	}, nil},
	{"selective nothing onestep", []liar{
		{"serves one attester only", 1, func(t *trainer.Config) slot.Func { return cheat.Selective(t.Host, cheat.Inject(1)) }, fraud, 1},
		{"enrols and never commits", 1, always(cheat.Nothing), late, 0},
		{"does one step to pull the median down", 1, always(cheat.OneStep), partial, 0},
		{"does one step to pull the median down", 1, always(cheat.OneStep), partial, 0},
		{"does one step to pull the median down", 1, always(cheat.OneStep), partial, 0},
		{"does one step to pull the median down", 1, always(cheat.OneStep), partial, 0},
	}, medianIsHonest},
}

// lying makes trainers from the fourth on lie as the table says.
func lying(liars []liar) func(string, *trainer.Config) {
	return func(name string, t *trainer.Config) {
		for i, l := range liars {
			if name != nodeName("trainer", honest+i) {
				continue
			}
			lie := l.do(t)
			t.Do = onlyIn(l.round, lie)
		}
	}
}

const honest = 3 // trainers of every network

// TestLyingTrainers plays the table.
func TestLyingTrainers(t *testing.T) {
	t.Parallel()
	for _, c := range lyingTrainers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g, o := newGates(), liarOptions(t)
			o.Wrap, o.Trainer, o.Trainers = g.Wrap, lying(c.liars), honest+len(c.liars)
			o.Spec.Rounds = uint32(slices.MaxFunc(c.liars, func(a, b liar) int { return int(a.round) - int(b.round) }).round)
			o.Spec.Budget = uint64(o.Spec.Rounds) * o.Spec.RewardPerRound
			o.Spec.MinTrainers = honest
			if o.Spec.Rounds > 1 {
				g.hold("trainer0", commitOf(2)) // until the liars of round 1 are out
			}
			if slices.ContainsFunc(c.liars, func(l liar) bool { return l.reason == late }) {
				o.Spec.Grace = 4 * time.Second
			}
			for i, l := range c.liars {
				if l.reason == partial {
					g.hold(nodeName("trainer", honest+i), commitOf(l.round)) // so that their haste hurries nobody
				}
			}
			n, ctx := start(t, o)
			startTogether(t, ctx, n)
			n.until(t, ctx, "the honest have committed", func(s *protocol.State) bool { return n.committed(s, 1) })
			for i, l := range c.liars {
				if l.reason == partial {
					g.open(nodeName("trainer", honest+i))
				}
			}
			x := newExpectation(n)
			for number := uint64(1); number <= uint64(o.Spec.Rounds); number++ {
				r := n.settled(t, ctx, number)
				n.judgeRound(t, r, c.liars, x)
				if c.check != nil {
					c.check(t, n, r)
				}
				if number == 1 && o.Spec.Rounds > 1 {
					g.open("trainer0")
				}
			}
			waitAll(t, ctx, n)
			n.ended(t, ctx)
			n.released(t, ctx)
			x.check(t, ctx)
		})
	}
}

// judgeRound compares a round with the table.
func (n *Net) judgeRound(t *testing.T, r *protocol.RoundState, liars []liar, x *expectation) {
	t.Helper()
	number := r.Round.Number
	for i, w := range n.Trainers {
		p := partOf(r, w)
		if i < honest || liars[i-honest].round > number {
			require.Equal(t, protocol.ReasonPaid, p.Reason, "round %d: %s", number, w.Account.Name)
			continue
		}
		l := liars[i-honest]
		if l.round < number {
			if l.reason == fraud {
				require.True(t, p == nil || p.Reason == fraud, "%s, a round later: %+v", l.name, p)
			} else {
				require.Equal(t, protocol.ReasonPaid, p.Reason, "%s, honest again", l.name)
			}
			continue
		}
		require.Equal(t, l.reason, p.Reason, "%s: %+v", l.name, p)
		require.Equal(t, l.reason == partial, p.Pay > 0 && p.Shares > 0, "%s: %+v", l.name, p)
		if l.reason != fraud {
			continue
		}
		d := disputeOf(r, w)
		require.NotNil(t, d, l.name)
		require.Equal(t, protocol.DisputeFraud, d.Outcome, l.name)
		require.Equal(t, l.segment, d.Ruling.Segment, l.name)
		require.True(t, d.Audit && d.Deposit == 0, "%s: found by an audit: %+v", l.name, d)
		x.slashed(r, w)
	}
	x.credit(t, r)
	for _, v := range r.Votes {
		require.EqualValues(t, 375_000, v.Pay, "round %d: %+v", number, v)
	}
}

// committed says whether every honest trainer's commitment of a round is on chain.
func (n *Net) committed(s *protocol.State, round uint64) bool {
	r := s.Find(round)
	for _, w := range n.Trainers[:honest] {
		if uint64(s.Run.Finals) < round && (r == nil || partOf(r, w) == nil || !partOf(r, w).Slots[0].Committed()) {
			return false
		}
	}
	return true
}

// liarOptions let each of four equal attesters audit every segment, and hold bonds and slashes no longer than it takes to look at them.
func liarOptions(t *testing.T) Options {
	o := options(t, engine{})
	o.Validators, o.Evidence = 4, 10*time.Second
	o.Spec.Segment, o.Spec.Audits, o.Spec.MinAttesters, o.Spec.MaxUnsettled = 1, 16, 4, 1
	return o
}

// startTogether lets the first round begin with everybody: attesters are ready last.
func startTogether(t *testing.T, ctx context.Context, n *Net) {
	t.Helper()
	startAll(t, ctx, n.Trainers...)
	n.until(t, ctx, "all trainers are enrolled", func(s *protocol.State) bool { return len(s.Run.Trainers) == len(n.Trainers) })
	startAll(t, ctx, n.Attesters...)
}
