package app_test

import (
	"time"

	"github.com/weftnet/weft/devnet/network"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

func names(list []network.Account) (out []string) {
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}

// windUp cancels all runs, waits until nothing can happen any more, and claims what is owed: then no run may hold coins, no bond may be
// left,
// and nobody may be owed anything.
func windUp(c *crowd, h *history) {
	params := roundtypes.DefaultParams()
	params.EvidenceWindow, params.Deposit = evidence, deposit
	h.must(&roundtypes.MsgUpdateParams{Authority: govAddress, Params: params})
	for range 12 {
		for _, run := range h.runs(c) {
			switch {
			case run.Suspect || run.Fault != "":
				h.must(&roundtypes.MsgResumeRun{Authority: govAddress, Run: run.Id})
			case run.Status == roundtypes.STATUS_OPEN || run.Status == roundtypes.STATUS_PAUSED:
				h.must(&roundtypes.MsgCancelRun{Authority: govAddress, Run: run.Id})
			}
		}
		h.end(21 * time.Minute)
	}
	for _, run := range h.runs(c) {
		if run.Status != roundtypes.STATUS_ENDED || len(run.Unsettled) > 0 {
			h.fail("run %d is %s and has rounds %v", run.Id, run.Status, run.Unsettled)
		}
	}
	for _, who := range c.all() {
		if owed := read(c.rounds.Owed(h.ctx, &roundtypes.QueryOwedRequest{Account: who.String()})); owed.Amount.IsPositive() {
			h.must(&roundtypes.MsgClaimPay{Account: who.String()})
		}
		bonds := read(c.workers.Bonds(h.ctx, &workertypes.QueryBondsRequest{Address: who.String(), Pagination: everything})).Bonds
		if len(bonds) > 0 {
			h.fail("%s has bonds left: %v", who.Name, bonds)
		}
	}
	h.nothingLeft()
}

func (h *history) runs(c *crowd) []roundtypes.Run {
	return read(c.rounds.Runs(h.ctx, &roundtypes.QueryRunsRequest{Pagination: everything})).Runs
}

// nothingLeft: what is still owed belongs to accounts that cannot claim.
func (h *history) nothingLeft() {
	books, err := h.a.Round.Books(h.ctx)
	if err != nil {
		h.fail("books: %s", err)
	}
	if !books.Free.IsZero() || !books.Reserved.IsZero() || !books.Deposits.IsZero() {
		h.fail("runs that ended hold %s and %s, disputes %s", books.Free, books.Reserved, books.Deposits)
	}
	stuck := books.Owed
	gs, err := h.a.Round.ExportGenesis(h.ctx)
	if err != nil {
		h.fail("export: %s", err)
	}
	for _, o := range gs.Owed {
		if o.Account == govAddress {
			stuck = stuck.SubRaw(int64(o.Amount))
		}
	}
	if stuck.IsPositive() {
		h.fail("%s uweft cannot be claimed by anybody: %v", stuck, gs.Owed)
	}
	if held, err := h.a.Worker.Held(h.ctx); err != nil || !held.IsZero() {
		h.fail("bonds and slashes are left: %s %v", held, err)
	}
}
