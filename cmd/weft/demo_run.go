package main

import (
	"context"
	"fmt"
	"time"

	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

// open creates the model, funds it, and lets governance open the run; then the workers start.
func (d *demonstration) open(ctx context.Context) error {
	n := d.net
	first, err := n.CreateModel(ctx)
	if err != nil {
		return failed("create the model", d.f.name, err)
	}
	d.p.event("model", fields{"model": d.f.name, "checkpoint": first.Digest}, "model      %s, first checkpoint %s", d.f.name, first.Digest)
	if err := n.Open(ctx); err != nil {
		return failed("open the run", "", err)
	}
	s := n.Opts.Spec
	t := n.Proposal.FinalTallyResult
	d.p.event("run", fields{"run": n.RunID, "proposal": n.Proposal.Id, "yes": t.YesCount, "no": t.NoCount, "spec": s.Digest(), "budget": s.Budget, "rounds": s.Rounds},
		"proposal   %d %q: voted yes by %s uweft of stake, carried out\nrun        %d opened with %s in escrow: %d rounds of %d steps of %d sequences, %s and %d shares a round\n",
		n.Proposal.Id, n.Proposal.Title, t.YesCount, n.RunID, weft(s.Budget), s.Rounds, s.InnerSteps, s.Batch, weft(s.RewardPerRound), s.SharesPerRound)
	return failed("start the workers", "", n.StartAll(ctx))
}

// weft shows an amount of uweft in whole coins.
func weft(u uint64) string { return fmt.Sprintf("%d.%06d WEFT", u/1_000_000, u%1_000_000) }

// note shows what a worker did.
func (d *demonstration) note(n trainer.Note) {
	f := fields{"worker": n.Worker, "round": n.Round, "slot": n.Slot}
	switch n.Kind {
	case "step":
		f["step"], f["loss"] = n.Step, n.Loss
		d.p.event("step", f, "")
	case "committed":
		f["bytes"], f["steps"] = n.Bytes, n.Step
		d.p.event("committed", f, "           round %d  %s committed %d steps, a delta of %s", n.Round, d.who(n.Worker), n.Step, bytesText(n.Bytes))
	case "problem":
		f["text"] = n.Text
		d.p.event("problem", f, "           round %d  %s: %s", n.Round, d.who(n.Worker), n.Text)
	}
}

func bytesText(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.2f MiB", float64(n)/(1<<20))
}

// who names a worker of the demo.
func (d *demonstration) who(a protocol.Account) string {
	for _, w := range append(d.net.Trainers, d.net.Attesters...) {
		if w.Account.String() == string(a) {
			return w.Account.Name
		}
	}
	return string(a)
}

// watch follows the chain and shows every change until the run has ended.
func (d *demonstration) watch(ctx context.Context) error {
	c := d.net.Trainers[0].Client
	phase, reported, settled := map[uint64]protocol.Phase{}, map[uint64]bool{}, map[uint64]bool{}
	for {
		s, _, err := c.State(ctx, d.net.RunID)
		if err != nil {
			return failed("read the run", "", err)
		}
		for r := uint64(0); r < s.Run.Next && s.Run.Next > 1; r++ { // round 0 exists from the first TRAIN on
			if settled[r] {
				continue
			}
			rs := s.Find(r)
			if rs == nil {
				if rs, err = c.Round(ctx, d.net.RunID, r); err != nil {
					return failed("read round", fmt.Sprint(r), err)
				}
			}
			if phase[r] != rs.Round.Phase {
				phase[r] = rs.Round.Phase
				d.phase(rs)
			}
			if rs.Round.Eval.Reported && !reported[r] {
				reported[r] = true
				d.evaluation(&rs.Round)
			}
			if rs.Round.Phase == protocol.PhaseSettled || rs.Round.Phase == protocol.PhaseVoid {
				settled[r] = true
				d.settled(rs)
			}
		}
		if s.Run.Status == protocol.StatusEnded {
			d.p.event("ended", fields{"reason": s.Run.End.String()}, "run        %d ended: %s", s.Run.ID, s.Run.End)
			return d.join(ctx)
		}
		if err := c.Next(ctx); err != nil {
			return failed("follow the chain", "", err)
		}
	}
}

// join waits for the workers, which end by themselves.
func (d *demonstration) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, w := range append(d.net.Trainers, d.net.Attesters...) {
		if err := w.Wait(ctx); err != nil {
			return failed("finish", w.Account.Name, err)
		}
	}
	return nil
}

func (d *demonstration) phase(rs *protocol.RoundState) {
	r := &rs.Round
	if r.Number == 0 {
		return // the evaluation of the start has no training
	}
	f := fields{"round": r.Number, "phase": r.Phase.String()}
	switch r.Phase {
	case protocol.PhaseReview:
		f["checkpoint"], f["included"], f["tokens"], f["assigned"] = r.Result.Checkpoint, len(r.Included), r.Result.Tokens(), r.Result.AssignedTokens
		d.p.event("phase", f, "round %-3d  FINAL    checkpoint %s: %d of %d slots included, %d of %d answer tokens", r.Number, r.Result.Checkpoint, len(r.Included), r.Slots, r.Result.Tokens(), r.Result.AssignedTokens)
	case protocol.PhaseVoid:
		f["reason"] = r.Void.String()
		d.p.event("phase", f, "round %-3d  VOID     %s", r.Number, r.Void)
	case protocol.PhaseDispute:
		d.p.event("phase", f, "round %-3d  DISPUTE  everybody else is settled", r.Number)
	case protocol.PhaseSettled: // shown with the payments
		d.p.event("phase", f, "")
	default:
		d.p.event("phase", f, "round %-3d  %s", r.Number, r.Phase)
	}
}

func (d *demonstration) evaluation(r *protocol.Round) {
	e := evaluated{r.Number, r.Eval.MicroNats, r.Eval.Tokens, r.Result.Checkpoint}
	d.evals = append(d.evals, e)
	d.p.event("evaluation", fields{"round": e.round, "loss": float64(e.microNats) / 1e6, "micro_nats": e.microNats, "tokens": e.tokens, "checkpoint": e.checkpoint},
		"round %-3d  EVALUATED on chain: %.4f nats per answer token, over %d tokens", e.round, float64(e.microNats)/1e6, e.tokens)
}

func (d *demonstration) settled(rs *protocol.RoundState) {
	r := &rs.Round
	if r.Number == 0 {
		return
	}
	for _, p := range rs.Parts {
		for _, w := range p.Slots {
			for _, a := range w.Audits {
				d.p.event("audit", fields{"round": r.Number, "trainer": p.Trainer, "slot": w.Index, "segment": a.Segment, "auditor": a.Auditor, "verdict": a.Verdict.String()},
					"           round %d  segment %d of %s recomputed by %s: %s", r.Number, a.Segment, d.who(p.Trainer), d.who(a.Auditor), a.Verdict)
			}
		}
		d.p.event("part", fields{"round": r.Number, "trainer": p.Trainer, "reason": p.Reason.String(), "tokens": p.Tokens, "steps": p.Steps, "assigned": p.Assigned, "pay": p.Pay, "shares": p.Shares},
			"           round %d  %s %s: %d of %d steps, %s, %d shares", r.Number, d.who(p.Trainer), p.Reason, p.Steps, p.Assigned, weft(p.Pay), p.Shares)
	}
	d.p.event("settled", fields{"round": r.Number, "paid": r.Paid, "shares": r.Minted}, "round %-3d  %s  %s paid, %d shares minted", r.Number, r.Phase, weft(r.Paid), r.Minted)
}
