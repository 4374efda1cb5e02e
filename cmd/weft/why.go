package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/x/round/protocol"
)

// fixes say what a trainer can do about each reason.
var fixes = map[protocol.Reason]string{
	protocol.ReasonPaid:           "nothing: all of it was paid",
	protocol.ReasonPaidPartial:    "take fewer slots, or use a faster machine, so that every step is done before the deadline",
	protocol.ReasonLate:           "take fewer slots, or use a faster machine; check that the worker was running and had coins for its transaction",
	protocol.ReasonUnavailable:    "check that the worker can reach the attesters and keeps running until PUBLISH is over",
	protocol.ReasonMalformed:      "update weft; if it is current, this machine's memory may be faulty: run a memory test",
	protocol.ReasonNotSelected:    "nothing: more trainers had enrolled than a round takes, and you come first in a later one",
	protocol.ReasonInactive:       "start the worker again: it enrols by itself after the cool-down",
	protocol.ReasonJailed:         "wait until the jail time is over",
	protocol.ReasonVoidNoTrainers: "nothing was lost but this round's time: its records are dealt again",
	protocol.ReasonVoidNoWitness:  "nothing was lost but this round's time: attesters were absent, and its records are dealt again",
	protocol.ReasonVoidNoQuorum:   "nothing: attesters did not agree before the run ended",
}

func whyCmd() *cobra.Command {
	var account string
	c := nodeFlag(&cobra.Command{
		Use:   "why RUN ROUND",
		Short: "Say why somebody was paid or not in a round, with the evidence and what to do",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			n, err := strconv.ParseUint(args[1], 10, 64)
			if err != nil {
				return failed("find round", args[1], errors.New("rounds have numbers from 0"))
			}
			cl, _, _, err := session(c)
			if err != nil {
				return err
			}
			rs, err := cl.Round(c.Context(), run, n)
			if err != nil {
				return failed("read round", args[1], err)
			}
			if account == "" {
				account = cl.Address()
			}
			return explain(out(c), rs, protocol.Account(account))
		},
	})
	c.Flags().StringVar(&account, "account", "", "whose part to explain (default: your own; all: everybody's)")
	return c
}

func explain(p *printer, rs *protocol.RoundState, who protocol.Account) error {
	found := false
	for _, part := range rs.Parts {
		if who != "all" && part.Trainer != who {
			continue
		}
		found = true
		reason, fix := part.Reason.String(), fixes[part.Reason]
		if part.Reason == 0 {
			reason, fix = "not decided yet", "the round is in "+rs.Round.Phase.String()
		}
		p.event("part", fields{"trainer": part.Trainer, "reason": reason, "steps": part.Steps, "assigned": part.Assigned, "pay": part.Pay, "shares": part.Shares, "fix": fix},
			"%s\n  reason    %s: %d of %d steps verified, %s, %d shares", part.Trainer, reason, part.Steps, part.Assigned, weft(part.Pay), part.Shares)
		for _, w := range part.Slots {
			text := "no commitment"
			if w.Committed() {
				text = fmt.Sprintf("committed %d steps, body %s of %d bytes; held by %d, found invalid by %d of %d weight", w.Commit.Steps, ckpt.Digest(w.Commit.Body), w.Commit.Size, w.OkWeight, w.BadWeight, rs.Round.Weight())
			}
			p.event("slot", fields{"trainer": part.Trainer, "slot": w.Index, "steps": w.Commit.Steps, "body": ckpt.Digest(w.Commit.Body), "ok_weight": w.OkWeight, "bad_weight": w.BadWeight, "weight": rs.Round.Weight()}, "  slot %-4d %s", w.Index, text)
		}
		p.event("fix", fields{"trainer": part.Trainer, "fix": fix}, "  to do     %s", fix)
	}
	if !found {
		return &OpError{Op: "explain the round to", Ref: string(who), Err: fmt.Errorf("the account was not enrolled in round %d", rs.Round.Number), Hint: "--account all shows everybody"}
	}
	return nil
}
