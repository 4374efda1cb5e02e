package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

func nodeFlag(c *cobra.Command) *cobra.Command {
	c.Flags().String("node", "", "RPC address of a node (default: from the configuration)")
	return c
}

func runsCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "runs",
		Short: "List the runs of the chain",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, _, _, err := session(c)
			if err != nil {
				return err
			}
			r, err := roundtypes.NewQueryClient(cl.Context()).Runs(c.Context(), &roundtypes.QueryRunsRequest{})
			if err != nil {
				return failed("list the runs", "", err)
			}
			p := out(c)
			for _, x := range r.Runs {
				run, err := x.Protocol()
				if err != nil {
					return failed("read run", fmt.Sprint(x.Id), err)
				}
				p.event("run", fields{"run": run.ID, "model": run.Spec.Model, "status": run.Status.String(), "end": run.End.String(), "round": run.Next - 1, "rounds": run.Spec.Rounds, "final": run.Finals, "trainers": len(run.Trainers), "head": run.Head},
					"run %-4d %-20s %-8s %d of %d rounds, %d trainers, %s for a round", run.ID, run.Spec.Model, run.Status, run.Finals, run.Spec.Rounds, len(run.Trainers), weft(run.Spec.RewardPerRound))
			}
			if len(r.Runs) == 0 {
				p.event("none", nil, "there are no runs; weft model proposal begins one")
			}
			return nil
		},
	})
}

func statusCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "status RUN",
		Short: "Show where a run stands: phase, time left, who is in, who is missing, what you are owed",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			cl, _, _, err := session(c)
			if err != nil {
				return err
			}
			s, now, err := cl.State(c.Context(), run)
			if err != nil {
				return failed("read run", args[0], err)
			}
			showStatus(out(c), s, now)
			owed, err := roundtypes.NewQueryClient(cl.Context()).Owed(c.Context(), &roundtypes.QueryOwedRequest{Account: cl.Address()})
			if err != nil {
				return failed("read what is owed to", cl.Address(), err)
			}
			out(c).event("owed", fields{"account": cl.Address(), "amount": owed.Amount.Amount.String()}, "you        %s is owed %s", cl.Address(), owed.Amount)
			return nil
		},
	})
}

func showStatus(p *printer, s *protocol.State, now time.Time) {
	r := &s.Run
	var current *protocol.Round
	rs := s.Find(r.Current)
	if rs != nil {
		current = &rs.Round
	}
	phase := r.Phase(current)
	p.event("status", fields{"run": r.ID, "model": r.Spec.Model, "status": r.Status.String(), "phase": phase.String(), "round": r.Current, "final": r.Finals, "rounds": r.Spec.Rounds, "head": r.Head, "free": r.Escrow.Free, "reserved": r.Escrow.Reserved},
		"run        %d of %s: %s, %d of %d rounds done\nhead       %s\nescrow     %s free, %s reserved", r.ID, r.Spec.Model, r.Status, r.Finals, r.Spec.Rounds, r.Head, weft(r.Escrow.Free), weft(r.Escrow.Reserved))
	if phase == protocol.PhaseWaiting {
		showWaiting(p, r)
	}
	for i := range s.Rounds {
		showRound(p, &s.Rounds[i], now)
	}
}

// showWaiting says what the next round needs and who is absent.
func showWaiting(p *printer, r *protocol.Run) {
	active, ready := 0, 0
	for _, t := range r.Trainers {
		if !t.Inactive && !t.Leaving {
			active++
		}
	}
	var absent []string
	for _, a := range r.Attesters {
		if a.Ready {
			ready++
		} else {
			absent = append(absent, string(a.Account))
		}
	}
	p.event("waiting", fields{"trainers": active, "min_trainers": r.Spec.MinTrainers, "attesters": ready, "min_attesters": r.Spec.MinAttesters, "absent": absent},
		"waiting    %d of %d trainers enrolled, %d of %d attesters ready%s", active, r.Spec.MinTrainers, ready, r.Spec.MinAttesters, list("; absent: ", absent))
}

func list(prefix string, xs []string) string {
	if len(xs) == 0 {
		return ""
	}
	return prefix + strings.Join(xs, ", ")
}

func showRound(p *printer, rs *protocol.RoundState, now time.Time) {
	r := &rs.Round
	left := "no deadline"
	if !r.Deadline.IsZero() {
		left = fmt.Sprintf("at most %s left", max(0, r.Deadline.Sub(now)).Round(time.Second))
	}
	in, slots := 0, 0
	var missing []string
	for _, part := range rs.Parts {
		for _, w := range part.Slots {
			slots++
			if w.Committed() {
				in++
			} else {
				missing = append(missing, string(part.Trainer))
			}
		}
	}
	voted := map[protocol.Account]bool{}
	for _, v := range rs.Votes {
		voted[v.Attester] = !v.Blind.IsZero() || v.Witnessed
	}
	var silent []string
	for _, s := range r.Seats {
		if !voted[s.Account] {
			silent = append(silent, string(s.Account))
		}
	}
	text := ""
	switch r.Phase {
	case protocol.PhaseTrain:
		text = fmt.Sprintf("%d of %d slots committed%s", in, slots, list("; at work: ", missing))
	case protocol.PhasePublish, protocol.PhaseAttest, protocol.PhaseWaiting:
		text = "attesters silent so far: " + fmt.Sprint(len(silent)) + list(": ", silent)
	case protocol.PhaseReview:
		text = "evaluation not reported yet"
		if r.Eval.Reported {
			text = fmt.Sprintf("evaluated at %.4f", float64(r.Eval.MicroNats)/1e6)
		}
	}
	p.event("round", fields{"round": r.Number, "phase": r.Phase.String(), "deadline": r.Deadline, "committed": in, "slots": slots, "missing": missing, "silent": silent}, "round %-4d %s, %s; %s", r.Number, r.Phase, left, text)
}
