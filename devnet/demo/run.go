package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// endTime is how long the workers have to end once the run is over.
const endTime = time.Minute

// open creates the model, funds it, and lets governance open the run; then the workers start.
func (p *playing) open(ctx context.Context) error {
	n := p.net
	first, err := n.CreateModel(ctx)
	if err != nil {
		return operror.Wrap("create the model", p.Name, err)
	}
	p.Emit(&Model{p.Name, first.Digest})
	if err := n.Open(ctx); err != nil {
		return operror.Wrap("open the run", "", err)
	}
	s, t := n.Opts.Spec, n.Proposal.FinalTallyResult
	p.Emit(&Opened{Run: n.RunID, Proposal: n.Proposal.Id, Title: n.Proposal.Title, Yes: t.YesCount, No: t.NoCount, Spec: s.Digest(),
		Budget: status.Amount(s.Budget), Rounds: s.Rounds, InnerSteps: s.InnerSteps, Batch: s.Batch,
		RewardPerRound: status.Amount(s.RewardPerRound),
		SharesPerRound: s.SharesPerRound})
	return operror.Wrap("start the workers", "", n.StartAll(ctx))
}

// tell shows what a worker did: everything to machines, to people what the chain's own changes do not say already.
func (p *playing) tell(e status.Placed) {
	t := &told{Placed: e}
	switch e := e.(type) {
	case *status.Committed:
		t.text = fmt.Sprintf("           round %d  %s committed %d steps, a delta of %s", e.Round, p.name(e.Worker), e.Steps,
			status.Bytes(int64(e.Bytes)))
	case *status.Problem, *status.Disputed:
		t.text = fmt.Sprintf("           %s: %s", p.name(e.Place().Worker), e.Text())
	}
	p.Emit(t)
}

func (p *playing) workers() []*localnet.Node {
	return append(append([]*localnet.Node{}, p.net.Attesters...), p.net.Trainers...)
}

// name is a worker's.
func (p *playing) name(a protocol.Account) string {
	for _, w := range p.workers() {
		if w.Account.String() == string(a) {
			return w.Account.Name
		}
	}
	return string(a)
}

// watch follows the chain and shows every change until the run has ended and its workers with it.
func (p *playing) watch(ctx context.Context) error {
	c := p.net.Trainers[0].Client
	shown := map[uint64]*seen{}
	for {
		now, err := c.Sight(ctx, p.net.RunID)
		if err != nil {
			return operror.Wrap("read the run", "", err)
		}
		s := now.State
		for r := uint64(0); r < s.Run.Next && s.Run.Next > 1; r++ { // round 0 exists from the first TRAIN on
			if shown[r] == nil {
				shown[r] = &seen{}
			}
			if shown[r].over {
				continue
			}
			rs := s.Find(r)
			if rs == nil {
				if rs, err = c.Round(ctx, p.net.RunID, r); err != nil {
					return operror.Wrap("read round", fmt.Sprint(r), err)
				}
			}
			p.show(shown[r], rs)
		}
		if s.Run.Status == protocol.StatusEnded {
			p.Emit(&Ended{s.Run.ID, s.Run.End.String()})
			return p.join(ctx)
		}
		if err := c.Next(ctx, now.Height); err != nil {
			return operror.Wrap("follow the chain", "", err)
		}
	}
}

// seen is what was shown of a round.
type seen struct {
	phase     protocol.Phase
	evaluated bool
	over      bool
}

func (p *playing) show(s *seen, rs *protocol.RoundState) {
	r := &rs.Round
	if s.phase != r.Phase {
		s.phase = r.Phase
		p.phase(r)
	}
	if r.Eval.Reported && !s.evaluated {
		s.evaluated = true
		p.Emit(&Evaluation{r.Number, float64(r.Eval.MicroNats) / 1e6, r.Eval.MicroNats, r.Eval.Tokens, r.Result.Checkpoint})
	}
	if r.Phase == protocol.PhaseSettled || r.Phase == protocol.PhaseVoid {
		s.over = true
		p.settled(rs)
	}
}

func (p *playing) phase(r *protocol.Round) {
	if r.Number == 0 {
		return // the evaluation of the start has no training
	}
	e := &Phase{Round: r.Number, Phase: r.Phase.String()}
	switch r.Phase {
	case protocol.PhaseReview:
		e.Checkpoint, e.Included, e.Slots = r.Result.Checkpoint, len(r.Included), r.Slots
		e.Tokens, e.AssignedTokens = r.Result.Tokens(), r.Result.AssignedTokens
	case protocol.PhaseVoid:
		e.Reason = r.Void.String()
	}
	p.Emit(e)
}

func (p *playing) settled(rs *protocol.RoundState) {
	r := &rs.Round
	if r.Number == 0 {
		return
	}
	for _, x := range rs.Parts {
		for _, w := range x.Slots {
			for _, a := range w.Audits {
				p.Emit(&Audit{r.Number, x.Trainer, w.Index, a.Segment, a.Auditor, a.Verdict.String(), p.name(x.Trainer), p.name(a.Auditor)})
			}
		}
		p.Emit(&Part{r.Number, x.Trainer, x.Reason.String(), x.Tokens, x.Steps, x.Assigned, status.Amount(x.Pay), x.Shares, p.name(x.Trainer)})
	}
	p.Emit(&Settled{r.Number, r.Phase.String(), status.Amount(r.Paid), r.Minted})
}

// join waits for the workers, which end by themselves.
func (p *playing) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	for _, w := range p.workers() {
		if err := w.Wait(ctx); err != nil {
			return operror.Wrap("finish", w.Account.Name, err)
		}
	}
	return nil
}
