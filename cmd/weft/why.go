package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
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
				return operror.Hinted("find round", args[1], errors.New("rounds have numbers from 0"), "weft status shows the run's rounds")
			}
			s, err := reader(c)
			if err != nil {
				return err
			}
			rs, err := s.Round(c.Context(), run, n)
			if err != nil {
				return operror.Hinted("read round", args[1], err, "weft status shows the run's rounds")
			}
			switch {
			case len(args) == 3:
				account = args[2]
			case account == "":
				if account = ownAddress(c); account == "" {
					account = everybody
				}
			}
			return explain(out.New(c), rs, protocol.Account(account))
		},
	})
	c.Flags().StringVar(&account, "account", "", "whose part to explain (default: your own; all: everybody's)")
	return c
}

// everybody stands for all accounts.
const everybody = "all"

func explain(p *out.Printer, rs *protocol.RoundState, who protocol.Account) error {
	found := false
	for i := range rs.Parts {
		if part := &rs.Parts[i]; who == everybody || part.Trainer == who {
			found = true
			p.Emit(partOf(rs, part))
		}
	}
	for i := range rs.Votes {
		if v := &rs.Votes[i]; who == everybody || v.Attester == who {
			found = true
			p.Emit(voteOf(rs, v))
		}
	}
	if !found {
		return &operror.Error{Op: "explain the round to", Ref: string(who),
			Err:  fmt.Errorf("the account had no part in round %d", rs.Round.Number),
			Hint: "--account all shows everybody"}
	}
	return p.Err()
}

// partLine tells what became of a trainer in a round.
type partLine struct {
	Trainer  protocol.Account `json:"trainer"`
	Reason   string           `json:"reason"`
	Fix      string           `json:"fix"`
	Steps    uint64           `json:"steps"`    // verified
	Assigned uint64           `json:"assigned"` // steps
	Pay      status.Amount    `json:"pay"`
	Shares   string           `json:"shares"`
	Held     bool             `json:"held"` // until a dispute is decided
	Slots    []slotLine       `json:"slots"`
}

// slotLine is a slot of a part.
type slotLine struct {
	Slot      uint32        `json:"slot"`
	Committed bool          `json:"committed"`
	Steps     uint32        `json:"steps"`
	Body      digest.Digest `json:"body"`
	Trace     digest.Digest `json:"trace"`
	Bytes     uint64        `json:"bytes"`
	OkWeight  uint64        `json:"ok_weight"`  // of attesters that held it
	BadWeight uint64        `json:"bad_weight"` // of attesters that found it invalid
	Weight    uint64        `json:"weight"`     // of all
	Cleared   bool          `json:"cleared"`    // by a ruling
	Audited   bool          `json:"audited"`    // an attester drew one of its segments
	Audits    []auditLine   `json:"audits"`
	Disputes  []disputeLine `json:"disputes"`
	quiet     bool          // nobody expects an audit here
}

// auditLine is an audit of a slot.
type auditLine struct {
	Segment uint32           `json:"segment"`
	Auditor protocol.Account `json:"auditor"`
	Second  bool             `json:"second"`
	Verdict string           `json:"verdict"`
	Work    digest.Digest    `json:"work"`
}

// disputeLine is a dispute over a slot.
type disputeLine struct {
	Accuser  protocol.Account `json:"accuser"`
	Audit    bool             `json:"audit"` // a verdict opened it
	Deposit  status.Amount    `json:"deposit"`
	Outcome  string           `json:"outcome"`
	Voted    uint64           `json:"voted"` // weight
	Deadline time.Time        `json:"deadline"`
	Segment  uint32           `json:"segment"`  // the first that differs
	Leaf     digest.Digest    `json:"leaf"`     // what it really gives
	Evidence digest.Digest    `json:"evidence"` // of the ruling
	ruled    bool
	fraud    bool
}

func (*partLine) Kind() string { return "part" }

func (e *partLine) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  reason    %s: %d of %d steps verified, %s, %s shares\n", e.Trainer, e.Reason, e.Steps, e.Assigned, e.Pay, e.Shares)
	for i := range e.Slots {
		e.Slots[i].text(&b)
	}
	fmt.Fprintf(&b, "  to do     %s", e.Fix)
	return b.String()
}

func (e *slotLine) text(b *strings.Builder) {
	if !e.Committed {
		fmt.Fprintf(b, "  slot %-4d no commitment\n", e.Slot)
		return
	}
	fmt.Fprintf(b, "  slot %-4d committed %d steps, body %s of %d bytes; held by %d, found invalid by %d of %d weight\n", e.Slot, e.Steps,
		e.Body, e.Bytes,
		e.OkWeight, e.BadWeight, e.Weight)
	if !e.Audited && !e.quiet {
		fmt.Fprintf(b, "    audit   no attester drew one of its segments in this round\n")
	}
	for _, a := range e.Audits {
		again := ""
		if a.Second {
			again = ", the second that was asked"
		}
		fmt.Fprintf(b, "    audit   segment %d by %s%s: %s\n", a.Segment, a.Auditor, again, a.Verdict)
	}
	for _, d := range e.Disputes {
		text := fmt.Sprintf("%d weight has judged, until %s", d.Voted, d.Deadline.UTC().Format(time.RFC3339))
		if d.ruled {
			text = "evidence " + d.Evidence.String()
		}
		if d.fraud {
			text = fmt.Sprintf("segment %d really gives leaf %s; %s", d.Segment, d.Leaf, text)
		}
		fmt.Fprintf(b, "    dispute by %s, deposit %s: %s, %s\n", d.Accuser, d.Deposit, d.Outcome, text)
	}
}

func partOf(rs *protocol.RoundState, part *protocol.Part) *partLine {
	e := &partLine{Trainer: part.Trainer, Reason: part.Reason.String(), Fix: part.Reason.Fix(), Steps: part.Steps, Assigned: part.Assigned,
		Pay: status.Amount(part.Pay), Shares: fmt.Sprint(part.Shares), Held: part.Held, Slots: []slotLine{}}
	switch {
	case part.Held:
		e.Reason, e.Fix = "under dispute", "wait for the ruling: what belongs to you is held until then"
	case part.Reason == 0:
		e.Reason, e.Fix = "not decided yet", "the round is in "+rs.Round.Phase.String()
	}
	for i := range part.Slots {
		e.Slots = append(e.Slots, slotOf(rs, &part.Slots[i]))
	}
	return e
}

func slotOf(rs *protocol.RoundState, w *protocol.SlotWork) slotLine {
	e := slotLine{Slot: w.Index, Committed: w.Committed(), Steps: w.Commit.Steps, Body: w.Commit.Body, Trace: w.Commit.Trace,
		Bytes:    w.Commit.Size,
		OkWeight: w.OkWeight, BadWeight: w.BadWeight, Weight: rs.Round.Weight(), Cleared: w.Cleared, Audited: len(w.Audits) > 0,
		Audits:   []auditLine{},
		Disputes: []disputeLine{}, quiet: w.Fate != protocol.SlotIncluded || !rs.Round.Opened || rs.Round.Pruned}
	for _, a := range w.Audits {
		e.Audits = append(e.Audits, auditLine{a.Segment, a.Auditor, a.Second, a.Verdict.String(), a.Work})
	}
	for i := range rs.Disputes {
		if d := &rs.Disputes[i]; d.Slot == w.Index {
			e.Disputes = append(e.Disputes, disputeOf(d))
		}
	}
	return e
}

func disputeOf(d *protocol.Dispute) disputeLine {
	e := disputeLine{Accuser: d.Accuser, Audit: d.Audit, Deposit: status.Amount(d.Deposit), Outcome: d.Outcome.String(), Voted: d.Voted,
		Deadline: d.Deadline,
		Segment:  d.Ruling.Segment, Leaf: d.Ruling.Leaf, ruled: d.Ruled, fraud: d.Outcome == protocol.DisputeFraud}
	if d.Ruled {
		e.Evidence = d.Ruling.Digest()
	}
	return e
}

// voteLine tells what an attester did and earned in a round.
type voteLine struct {
	Attester protocol.Account `json:"attester"`
	Agreed   bool             `json:"agreed"` // its vote was for the result
	Reviewed bool             `json:"reviewed"`
	Audited  uint32           `json:"audited"` // audits answered
	Missed   uint32           `json:"missed"`  // audits not answered
	Pay      status.Amount    `json:"pay"`
	Shares   string           `json:"shares"`
	Short    []string         `json:"short"` // duties that were not done
}

func (*voteLine) Kind() string { return "vote" }

func (e *voteLine) Text() string {
	text := "all its duties are done"
	if len(e.Short) > 0 {
		text = strings.Join(e.Short, "; ")
	}
	return fmt.Sprintf("%s\n  attested  %s, %s shares, %d audits: %s", e.Attester, e.Pay, e.Shares, e.Audited, text)
}

func voteOf(rs *protocol.RoundState, v *protocol.Vote) *voteLine {
	e := &voteLine{Attester: v.Attester, Agreed: v.Agreed, Reviewed: v.Reviewed, Audited: v.Audited, Missed: v.Missed,
		Pay:    status.Amount(v.Pay),
		Shares: fmt.Sprint(v.Shares), Short: []string{}}
	add := func(is bool, text string) {
		if is {
			e.Short = append(e.Short, text)
		}
	}
	final := rs.Round.Phase == protocol.PhaseSettled || rs.Round.Phase == protocol.PhaseDispute
	add(!v.Witnessed && rs.Round.Number > 0, "no witness")
	add(final && !v.Agreed && rs.Round.Number > 0, "its vote was not for the result: nothing is paid without it")
	add(v.Missed > 0, fmt.Sprintf("%d audits did not come", v.Missed))
	add(final && rs.Round.Eval.Reported && !v.Reviewed, "its evaluation is not the one that was found")
	return e
}
