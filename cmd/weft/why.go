package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

func whyCmd() *cobra.Command {
	var account string
	c := nodeFlag(&cobra.Command{
		Use:   "why RUN ROUND [WORKER]",
		Short: "Say why somebody was paid or not in a round, with the evidence and what to do",
		Args:  cobra.RangeArgs(2, 3),
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
			switch {
			case len(args) == 3:
				account = args[2]
			case account == "":
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
	for i := range rs.Parts {
		if part := &rs.Parts[i]; who == "all" || part.Trainer == who {
			found = true
			explainPart(p, rs, part)
		}
	}
	for i := range rs.Votes {
		if v := &rs.Votes[i]; who == "all" || v.Attester == who {
			found = true
			explainVote(p, rs, v)
		}
	}
	if !found {
		return &OpError{Op: "explain the round to", Ref: string(who), Err: fmt.Errorf("the account had no part in round %d", rs.Round.Number), Hint: "--account all shows everybody"}
	}
	return nil
}

func explainPart(p *printer, rs *protocol.RoundState, part *protocol.Part) {
	reason, fix := part.Reason.String(), part.Reason.Fix()
	switch {
	case part.Held:
		reason, fix = "under dispute", "wait for the ruling: what belongs to you is held until then"
	case part.Reason == 0:
		reason, fix = "not decided yet", "the round is in "+rs.Round.Phase.String()
	}
	p.event("part", fields{"trainer": part.Trainer, "reason": reason, "steps": part.Steps, "assigned": part.Assigned, "pay": part.Pay, "shares": part.Shares, "held": part.Held, "fix": fix},
		"%s\n  reason    %s: %d of %d steps verified, %s, %d shares", part.Trainer, reason, part.Steps, part.Assigned, weft(part.Pay), part.Shares)
	for i := range part.Slots {
		explainSlot(p, rs, part, &part.Slots[i])
	}
	p.event("fix", fields{"trainer": part.Trainer, "fix": fix}, "  to do     %s", fix)
}

func explainSlot(p *printer, rs *protocol.RoundState, part *protocol.Part, w *protocol.SlotWork) {
	text := "no commitment"
	if w.Committed() {
		text = fmt.Sprintf("committed %d steps, body %s of %d bytes; held by %d, found invalid by %d of %d weight", w.Commit.Steps, w.Commit.Body, w.Commit.Size, w.OkWeight, w.BadWeight, rs.Round.Weight())
	}
	p.event("slot", fields{"trainer": part.Trainer, "slot": w.Index, "steps": w.Commit.Steps, "body": w.Commit.Body, "trace": w.Commit.Trace, "ok_weight": w.OkWeight, "bad_weight": w.BadWeight, "weight": rs.Round.Weight(), "cleared": w.Cleared},
		"  slot %-4d %s", w.Index, text)
	if w.Fate == protocol.SlotIncluded && len(w.Audits) == 0 && rs.Round.Opened && !rs.Round.Pruned {
		p.event("audit", fields{"trainer": part.Trainer, "slot": w.Index, "verdict": "NONE"}, "    audit   no attester drew one of its segments in this round")
	}
	for _, a := range w.Audits {
		again := ""
		if a.Second {
			again = ", the second that was asked"
		}
		p.event("audit", fields{"trainer": part.Trainer, "slot": w.Index, "segment": a.Segment, "auditor": a.Auditor, "second": a.Second, "verdict": a.Verdict.String(), "work": a.Work},
			"    audit   segment %d by %s%s: %s", a.Segment, a.Auditor, again, a.Verdict)
	}
	for i := range rs.Disputes {
		if d := &rs.Disputes[i]; d.Slot == w.Index {
			explainDispute(p, d)
		}
	}
}

func explainDispute(p *printer, d *protocol.Dispute) {
	evidence, text := digest.Digest{}, fmt.Sprintf("%d weight has judged, until %s", d.Voted, d.Deadline.UTC().Format(time.RFC3339))
	if d.Ruled {
		evidence = d.Ruling.Digest()
		text = "evidence " + evidence.String()
		if d.Outcome == protocol.DisputeFraud {
			text = fmt.Sprintf("segment %d really gives leaf %s; %s", d.Ruling.Segment, d.Ruling.Leaf, text)
		}
	}
	p.event("dispute", fields{"slot": d.Slot, "trainer": d.Trainer, "accuser": d.Accuser, "audit": d.Audit, "deposit": d.Deposit, "outcome": d.Outcome.String(), "segment": d.Ruling.Segment, "leaf": d.Ruling.Leaf, "evidence": evidence},
		"    dispute by %s, deposit %s: %s, %s", d.Accuser, weft(d.Deposit), d.Outcome, text)
}

// explainVote says what an attester did and earned.
func explainVote(p *printer, rs *protocol.RoundState, v *protocol.Vote) {
	var missed []string
	add := func(is bool, text string) {
		if is {
			missed = append(missed, text)
		}
	}
	final := rs.Round.Phase == protocol.PhaseSettled || rs.Round.Phase == protocol.PhaseDispute
	add(!v.Witnessed && rs.Round.Number > 0, "no witness")
	add(final && !v.Agreed && rs.Round.Number > 0, "its vote was not for the result: nothing is paid without it")
	add(v.Missed > 0, fmt.Sprintf("%d audits did not come", v.Missed))
	add(final && rs.Round.Eval.Reported && !v.Reviewed, "its evaluation is not the one that was found")
	text := "all its duties are done"
	if len(missed) > 0 {
		text = strings.Join(missed, "; ")
	}
	p.event("vote", fields{"attester": v.Attester, "agreed": v.Agreed, "reviewed": v.Reviewed, "audited": v.Audited, "missed": v.Missed, "pay": v.Pay, "shares": v.Shares, "short": missed},
		"%s\n  attested  %s, %d shares, %d audits: %s", v.Attester, weft(v.Pay), v.Shares, v.Audited, text)
}
