package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// runLine tells of a run.
type runLine struct {
	Run      uint64        `json:"run"`
	Model    string        `json:"model"`
	Status   string        `json:"status"`
	End      string        `json:"end,omitempty"` // why it ended
	Rounds   uint32        `json:"rounds"`        // planned
	Final    uint32        `json:"final"`         // done
	Trainers int           `json:"trainers"`      // enrolled
	Reward   status.Amount `json:"reward"`        // of a round, at most
	Head     digest.Digest `json:"head"`
}

func (*runLine) Kind() string { return "run" }

func (e *runLine) Text() string {
	return fmt.Sprintf("run %-4d %-20s %-8s %d of %d rounds, %d trainers, %s for a round", e.Run, e.Model, e.Status, e.Final, e.Rounds,
		e.Trainers, e.Reward)
}

// nothing tells that a list is empty.
type nothing struct {
	What string `json:"what"`
	text string
}

func (*nothing) Kind() string   { return "none" }
func (e *nothing) Text() string { return e.text }

// oldBlock warns that a chain stands still.
type oldBlock struct {
	Height     int64     `json:"height"`
	Time       time.Time `json:"time"`
	AgeSeconds int64     `json:"age_seconds"`
}

func (*oldBlock) Kind() string { return "stale" }

func (e *oldBlock) Text() string {
	age := (time.Duration(e.AgeSeconds) * time.Second).String()
	return fmt.Sprintf("WARNING    the newest block, at height %d, is %s old: the chain has halted, or the node is behind; nothing below "+
		"is current", e.Height, age)
}

// warnStale says so when a chain stands still.
func warnStale(ctx context.Context, p *out.Printer, cl *chain.Client) error {
	height, at, err := cl.Newest(ctx)
	if err != nil {
		return operror.Wrap("reach the node", cl.Context().NodeURI, err)
	}
	if e := stale(height, at, time.Now()); e != nil {
		p.Emit(e)
	}
	return nil
}

// stale warns of a newest block that is too old; nil: it is not.
func stale(height int64, at, now time.Time) *oldBlock {
	age := now.Sub(at)
	if age <= worker.Stale {
		return nil
	}
	return &oldBlock{height, at, int64(age.Seconds())}
}

func runsCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "runs",
		Short: "List the runs of the chain",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := reader(c)
			if err != nil {
				return err
			}
			p := out.New(c)
			if err := warnStale(c.Context(), p, s.Client); err != nil {
				return err
			}
			runs, err := s.Runs(c.Context())
			if err != nil {
				return operror.Wrap("list the runs", "", err)
			}
			for _, run := range runs {
				p.Emit(&runLine{run.ID, run.Spec.Model, run.Status.String(), run.End.String(), run.Spec.Rounds, run.Finals, len(run.Trainers),
					status.Amount(run.Spec.RewardPerRound), run.Head})
			}
			if len(runs) == 0 {
				p.Emit(&nothing{"runs", "there are no runs; weft model propose begins one"})
			}
			return p.Err()
		},
	})
}

func statusCmd() *cobra.Command {
	var account string
	c := nodeFlag(&cobra.Command{
		Use: "status RUN",
		Short: "Show where a run stands: phase, time left, who is in, who is missing; and your bonds, what you are owed, what your worker " +
			"waits for",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			s, err := reader(c)
			if err != nil {
				return err
			}
			p := out.New(c)
			if err := warnStale(c.Context(), p, s.Client); err != nil {
				return err
			}
			now, err := s.Sight(c.Context(), run)
			if err != nil {
				return operror.Wrap("read run", args[0], err)
			}
			showStatus(p, now)
			if err := showWorker(p, s.Dir, run); err != nil {
				return err
			}
			if account == "" {
				account = ownAddress(c)
			}
			if account == "" {
				return p.Err()
			}
			return showAccount(c.Context(), p, s.Client, account)
		},
	})
	c.Flags().StringVar(&account, "account", "", "whose bonds and earnings to show (default: this home's)")
	return c
}

// ownAddress is the account of this home, if it has one whose keyring asks for no passphrase.
func ownAddress(c *cobra.Command) string {
	cfg, err := home.ReadConfig(homeOf(c))
	if err != nil {
		return ""
	}
	addr, err := home.Address(homeOf(c), cfg)
	if err != nil {
		return ""
	}
	return addr
}

// runStatus tells where a run stands.
type runStatus struct {
	Run      uint64        `json:"run"`
	Model    string        `json:"model"`
	Status   string        `json:"status"`
	Phase    string        `json:"phase"`
	Round    uint64        `json:"round,omitempty"` // under way
	Final    uint32        `json:"final"`
	Rounds   uint32        `json:"rounds"`
	Head     digest.Digest `json:"head"`
	Free     status.Amount `json:"free"`     // in escrow
	Reserved status.Amount `json:"reserved"` // in escrow, for rounds under way
	Suspect  bool          `json:"suspect"`  // numerics are in doubt: slashes are suspended
}

func (*runStatus) Kind() string { return "status" }

func (e *runStatus) Text() string {
	s := fmt.Sprintf("run        %d of %s: %s, %d of %d rounds done\nhead       %s\nescrow     %s free, %s reserved", e.Run, e.Model,
		e.Status, e.Final, e.Rounds,
		e.Head, e.Free, e.Reserved)
	if e.Suspect {
		s += "\nSUSPECT    so many trainers were convicted that the numerics are in doubt: no new rounds, slashes are suspended until " +
			"governance decides"
	}
	return s
}

// waitingStatus tells what the next round needs.
type waitingStatus struct {
	Trainers     int      `json:"trainers"`
	MinTrainers  uint32   `json:"min_trainers"`
	Attesters    int      `json:"attesters"`
	MinAttesters uint32   `json:"min_attesters"`
	Absent       []string `json:"absent"` // attesters that are not ready
}

func (*waitingStatus) Kind() string { return "waiting" }

func (e *waitingStatus) Text() string {
	return fmt.Sprintf("waiting    %d of %d trainers enrolled, %d of %d attesters ready%s", e.Trainers, e.MinTrainers, e.Attesters,
		e.MinAttesters,
		list("; absent: ", e.Absent))
}

// roundStatus tells where a round stands.
type roundStatus struct {
	Round     uint64   `json:"round"`
	Phase     string   `json:"phase"`
	SecondsTo *int64   `json:"seconds_left"` // null: the phase has no deadline
	Committed int      `json:"committed"`
	Slots     int      `json:"slots"`
	Missing   []string `json:"missing"` // trainers with a slot that is not committed
	Silent    []string `json:"silent"`  // attesters that have neither witnessed nor voted
	Loss      *float64 `json:"loss"`    // of the evaluation; null: not reported
}

func (*roundStatus) Kind() string { return "round" }

func (e *roundStatus) Text() string {
	left := "no deadline"
	if e.SecondsTo != nil {
		left = fmt.Sprintf("at most %s left", time.Duration(*e.SecondsTo)*time.Second)
	}
	text := ""
	switch e.Phase {
	case protocol.PhaseTrain.String():
		text = fmt.Sprintf("%d of %d slots committed%s", e.Committed, e.Slots, list("; at work: ", e.Missing))
	case protocol.PhasePublish.String(), protocol.PhaseAttest.String(), protocol.PhaseWaiting.String():
		text = fmt.Sprintf("attesters silent so far: %d%s", len(e.Silent), list(": ", e.Silent))
	case protocol.PhaseReview.String():
		text = "evaluation not reported yet"
		if e.Loss != nil {
			text = fmt.Sprintf("evaluated at %.4f", *e.Loss)
		}
	}
	return fmt.Sprintf("round %-4d %s, %s; %s", e.Round, e.Phase, left, text)
}

func list(prefix string, xs []string) string {
	if len(xs) == 0 {
		return ""
	}
	return prefix + strings.Join(xs, ", ")
}

func showStatus(p *out.Printer, now *worker.Sight) {
	r := &now.State.Run
	var current *protocol.Round
	if rs := now.State.Find(r.Current); rs != nil {
		current = &rs.Round
	}
	phase := r.Phase(current)
	p.Emit(&runStatus{r.ID, r.Spec.Model, r.Status.String(), phase.String(), r.Current, r.Finals, r.Spec.Rounds, r.Head,
		status.Amount(r.Escrow.Free),
		status.Amount(r.Escrow.Reserved), r.Suspect})
	if phase == protocol.PhaseWaiting && r.Status != protocol.StatusEnded {
		p.Emit(waitingOf(r))
	}
	for i := range now.State.Rounds {
		p.Emit(roundOf(&now.State.Rounds[i], now.Now))
	}
}

func waitingOf(r *protocol.Run) *waitingStatus {
	e := &waitingStatus{MinTrainers: r.Spec.MinTrainers, MinAttesters: r.Spec.MinAttesters, Absent: []string{}}
	for _, t := range r.Trainers {
		if !t.Inactive && !t.Leaving {
			e.Trainers++
		}
	}
	for _, a := range r.Attesters {
		if a.Ready {
			e.Attesters++
		} else {
			e.Absent = append(e.Absent, string(a.Account))
		}
	}
	return e
}

func roundOf(rs *protocol.RoundState, now time.Time) *roundStatus {
	r := &rs.Round
	e := &roundStatus{Round: r.Number, Phase: r.Phase.String(), Missing: []string{}, Silent: []string{}}
	if !r.Deadline.IsZero() {
		left := int64(max(0, r.Deadline.Sub(now)).Seconds())
		e.SecondsTo = &left
	}
	for _, part := range rs.Parts {
		open := 0
		for _, w := range part.Slots {
			e.Slots++
			if w.Committed() {
				e.Committed++
			} else {
				open++
			}
		}
		if open > 1 {
			e.Missing = append(e.Missing, fmt.Sprintf("%s (%d slots)", part.Trainer, open))
		} else if open == 1 {
			e.Missing = append(e.Missing, string(part.Trainer))
		}
	}
	for _, s := range r.Seats {
		if v := rs.VoteBy(s.Account); v.Blind.IsZero() && !v.Witnessed {
			e.Silent = append(e.Silent, string(s.Account))
		}
	}
	if r.Eval.Reported {
		loss := float64(r.Eval.MicroNats) / 1e6
		e.Loss = &loss
	}
	return e
}

// workerStatus tells what this home's worker does in the run.
type workerStatus struct {
	status.Status
}

func (*workerStatus) Kind() string { return "worker" }

func (e *workerStatus) Text() string {
	s := fmt.Sprintf("worker     %s, %s ago: %s", e.Role, time.Since(e.Updated).Round(time.Second), e.Last)
	if e.Waiting != nil {
		s += fmt.Sprintf("\n           waits since %s for: %s\n           to do: %s", e.Waiting.Since.Local().Format(time.TimeOnly),
			e.Waiting.What, e.Waiting.Fix)
	}
	if e.Problem != nil {
		s += fmt.Sprintf("\n           newest problem, at %s: %s", e.Problem.Since.Local().Format(time.TimeOnly), e.Problem.What)
	}
	return s
}

// showWorker shows what the worker of this home wrote about the run.
func showWorker(p *out.Printer, dir string, run uint64) error {
	s, err := status.Read(filepath.Join(dir, status.File), run)
	if err != nil {
		return operror.Hinted("read the worker's status in", dir, err, "remove the file: a running worker writes it anew")
	}
	if s != nil {
		p.Emit(&workerStatus{*s})
	}
	return nil
}

// accountStatus tells what an account has at stake and what it can claim.
type accountStatus struct {
	Account string        `json:"account"`
	Owed    status.Amount `json:"owed"` // for work
	Bonds   []bondLine    `json:"bonds"`
	Revenue []revenue     `json:"revenue"` // of shares
}

// bondLine is a bond in a run.
type bondLine struct {
	Run      uint64        `json:"run"`
	Amount   status.Amount `json:"amount"`
	UnlockAt *time.Time    `json:"unlock_at"` // null: the account serves the run
}

func (*accountStatus) Kind() string { return "account" }

func (e *accountStatus) Text() string {
	s := fmt.Sprintf("account    %s is owed %s", e.Account, e.Owed)
	for _, b := range e.Bonds {
		s += fmt.Sprintf("\nbond       %s in run %d", b.Amount, b.Run)
		if b.UnlockAt != nil {
			s += ", back at " + b.UnlockAt.UTC().Format(time.RFC3339)
		}
	}
	for _, r := range e.Revenue {
		text := r.text
		if text == "" {
			text = "nothing"
		}
		s += fmt.Sprintf("\nshares     %s of %s: %s can be claimed", r.Shares, r.Model, text)
	}
	return s
}

func showAccount(ctx context.Context, p *out.Printer, cl *chain.Client, account string) error {
	owed, held, err := earnings(ctx, cl, account)
	if err != nil {
		return err
	}
	bonds, err := cl.Bonds(ctx, account)
	if err != nil {
		return operror.Wrap("read the bonds of", account, err)
	}
	e := &accountStatus{Account: account, Owed: owed, Bonds: []bondLine{}, Revenue: slices.Concat([]revenue{}, held)}
	for _, b := range bonds {
		e.Bonds = append(e.Bonds, bondLine{b.Run, status.Amount(b.Amount), b.UnlockAt})
	}
	p.Emit(e)
	return p.Err()
}
