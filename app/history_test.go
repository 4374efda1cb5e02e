package app_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/app"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// failer is what stops a history: testing's or rapid's.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// history is what happens to a branch of a chain's state. Nothing that it does is seen by other branches.
type history struct {
	t     failer
	a     *app.App
	ctx   sdk.Context
	total math.Int // uweft in the beginning
	told  []string
	seen  *events
}

// firstBlock starts a chain and leaves it after its first block.
func firstBlock(t *testing.T, c *crowd, a *app.App) {
	_, err := a.InitChain(birth(t, a, c.operators, c.others()))
	require.NoError(t, err)
	proposer := consensusKey(c.operators[0]).PubKey().Address()
	_, err = a.FinalizeBlock(&abci.RequestFinalizeBlock{Height: 1, Time: birthday.Add(time.Second), ProposerAddress: proposer})
	require.NoError(t, err)
	_, err = a.Commit()
	require.NoError(t, err)
}

// newHistory begins at the chain's last block.
func newHistory(t failer, a *app.App, seen *events) *history {
	ctx := a.NewUncachedContext(false, cmtproto.Header{ChainID: testChain, Height: 1, Time: birthday.Add(time.Second)})
	return (&history{t: t, a: a, ctx: ctx, seen: seen}).branch(t)
}

// branch goes on elsewhere.
func (h *history) branch(t failer) *history {
	b := *h
	b.t, b.told = t, nil
	b.ctx, _ = h.ctx.CacheContext()
	b.ctx = b.ctx.WithEventManager(sdk.NewEventManager())
	b.total = supplyOf(t, b.a, b.ctx)
	return b.next(0)
}

// next begins another block.
func (h *history) next(after time.Duration) *history {
	height := h.ctx.BlockHeight() + 1
	hash := sha256.Sum256(fmt.Append(nil, "block ", height))
	h.ctx = h.ctx.WithBlockHeight(height).WithBlockTime(h.ctx.BlockTime().Add(after)).WithHeaderHash(hash[:])
	return h
}

// send carries a message out as a whole or not at all.
func (h *history) send(m sdk.Msg) error {
	handler := h.a.MsgServiceRouter().Handler(m)
	if handler == nil {
		h.fail("no handler of %T", m)
	}
	ctx, write := h.ctx.CacheContext()
	res, err := handler(ctx, m)
	h.told = append(h.told, fmt.Sprintf("  %s %s: %v", sdk.MsgTypeURL(m), brief(h.a.Codec, m), err))
	if err != nil {
		return err
	}
	write()
	h.seen.count(h, res.Events)
	h.check()
	return nil
}

// must is send of something that cannot fail.
func (h *history) must(msgs ...sdk.Msg) {
	for _, m := range msgs {
		if err := h.send(m); err != nil {
			h.fail("%T: %s", m, err)
		}
	}
}

// end ends the block and begins the next one.
func (h *history) end(after time.Duration) {
	h.told = append(h.told, fmt.Sprintf("block %d at %s ends, the next is %s later", h.ctx.BlockHeight(),
		h.ctx.BlockTime().Format(time.TimeOnly), after))
	res, err := h.a.ModuleManager.EndBlock(h.ctx)
	if err != nil {
		h.fail("end of block: %s", err)
	}
	h.seen.count(h, res.Events)
	h.check()
	h.checkAccused()
	h.next(after)
}

// check is what holds after every step: the books balance, and every uweft is somewhere or was burnt.
func (h *history) check() {
	if _, err := h.a.CheckBooks(h.ctx); err != nil {
		h.fail("the books: %s", err)
	}
	if now := supplyOf(h.t, h.a, h.ctx); !h.total.IsNil() && !now.Equal(h.total) {
		h.fail("%s uweft with what was burnt, %s in the beginning", now, h.total)
	}
}

// checkAccused: while a dispute is open, the bond of the accused does not go back.
func (h *history) checkAccused() {
	rounds, err := h.a.Round.ExportGenesis(h.ctx)
	if err != nil {
		h.fail("export: %s", err)
	}
	workers, err := h.a.Worker.ExportGenesis(h.ctx)
	if err != nil {
		h.fail("export: %s", err)
	}
	for _, d := range rounds.Disputes {
		for _, b := range workers.Bonds {
			if d.Outcome == roundtypes.DISPUTE_OUTCOME_UNSPECIFIED && b.Worker == d.Trainer && b.Run == d.Run && b.Bond.UnlockAt != nil {
				h.fail("the bond of %s in run %d unlocks at %s, while slot %d of round %d is under dispute", b.Worker, b.Run, b.Bond.UnlockAt, d.Slot,
					d.Round)
			}
		}
	}
}

// fail stops with the end of the story.
func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	h.t.Fatalf("%s\nThe last of what happened:\n%s", fmt.Sprintf(format, args...), strings.Join(h.told[max(0, len(h.told)-60):], "\n"))
}

// brief is a message in one line.
func brief(cdc codec.Codec, m sdk.Msg) string {
	raw, err := cdc.MarshalJSON(m)
	if err != nil {
		return err.Error()
	}
	if len(raw) > 400 {
		raw = raw[:400]
	}
	return string(raw)
}
