package app_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// TestHistories lets a crowd send random messages of all modules to the real application and checks after every one of them, and after
// every block, that the books balance and that no coin came or went but by burning. In the end of each history everything winds up, and
// nothing may be left behind. -rapid.checks sets the number of histories.
func TestHistories(t *testing.T) {
	r := newReplica(t)
	c, seen := newCrowd(r.a), newEvents()
	firstBlock(t, c, r.a)
	bare := newHistory(t, r.a, seen)
	settled := settle(t, c, bare)
	rapid.Check(t, func(t *rapid.T) {
		from := settled
		if rapid.IntRange(0, 7).Draw(t, "bare") == 7 {
			from = bare
		}
		h := from.branch(t)
		for _, seed := range rapid.SliceOfN(rapid.Uint64(), 150, 250).Draw(t, "steps") {
			c.Rand = rand.New(rand.NewPCG(seed, uint64(h.ctx.BlockHeight())))
			if c.one(7) {
				after := c.pause()
				if h.end(after); after > 10*time.Second && c.one(2) {
					h.end(time.Second) // what was due has happened
				}
				continue
			}
			if err := h.send(c.move(h.ctx)); err != nil {
				seen.counts["refused"]++
			} else {
				seen.counts["sent"]++
			}
		}
		windUp(c, h)
	})
	t.Log(seen)
	if seen.counts["sent"] < 5000 {
		return // too few to expect something of
	}
	require.Empty(t, seen.missing("round SETTLED", "slash executed", "fine", "pardon", "deposit back", "deposit lost", "community refund",
		"share claim",
		"dispute FRAUD", "dispute REFUTED", "pay claimed", "bond back", "refund"), "what never happened")
}

// pause is the time to the next block.
func (c *crowd) pause() time.Duration {
	switch {
	case c.one(60):
		return evidence + time.Second
	case c.one(12):
		return 61 * time.Second
	case c.one(5):
		return 10 * time.Second
	default:
		return time.Duration(1+c.IntN(5)) * time.Second
	}
}

// settle prepares a chain: workers, two models with money, and a run with everybody in it.
func settle(t *testing.T, c *crowd, from *history) *history {
	h := from.branch(t)
	c.Rand = rand.New(rand.NewPCG(1, 1))
	for _, w := range append(append([]string{}, names(c.trainers)...), names(c.attesters)...) {
		b := workertypes.Binding{ChainId: testChain, Account: w}
		h.must(&workertypes.MsgRegister{Account: w, Envelope: read(b.Seal(nodeKey(w, 0)))})
	}
	for i, op := range c.operators {
		h.must(&workertypes.MsgLinkValidator{Operator: op.ValAddress().String(), Worker: c.attesters[i].String()})
	}
	for i, o := range c.owners {
		name := modelNames[i]
		h.must(newModel(name, o.String(), 1000), &modeltypes.MsgFund{Funder: o.String(), Model: name, Amount: coin(5_000_000)},
			&modeltypes.MsgFund{Funder: c.buyers[0].String(), Model: name, Amount: coin(1_700_000)})
	}
	h.must(&distrtypes.MsgFundCommunityPool{Amount: sdk.NewCoins(coin(9_000_000)), Depositor: c.owners[0].String()})
	spec := c.variant(modelNames[0], 7)
	h.must(&modeltypes.MsgApproveRun{Owner: c.owners[0].String(), Model: modelNames[0], Spec: spec.Digest().Text()},
		&roundtypes.MsgOpenRun{Authority: govAddress, Spec: roundtypes.SpecOf(spec)})
	for i, n := range names(c.trainers)[:4] {
		h.must(&roundtypes.MsgEnrol{Trainer: n, Run: 1, Slots: uint32(1 + i%2)})
	}
	for _, n := range names(c.attesters) {
		h.must(&roundtypes.MsgReady{Attester: n, Run: 1})
	}
	h.end(time.Second)
	return h
}
