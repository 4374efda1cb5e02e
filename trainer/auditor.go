package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/x/round/protocol"
)

// auditKey names an audit within a round.
type auditKey struct{ slot, segment uint32 }

// request is an audit that the chain gave to this attester.
type request struct {
	auditKey
	trainer protocol.Account
	work    protocol.SlotWork
}

// requests lists the audits of a round that this attester has not answered on chain.
func (a *Attester) requests(r *protocol.RoundState) (list []request) {
	for _, p := range r.Parts {
		for _, w := range p.Slots {
			for _, x := range w.Audits {
				if x.Auditor == a.Account && x.Verdict == 0 {
					list = append(list, request{auditKey{w.Index, x.Segment}, p.Trainer, w})
				}
			}
		}
	}
	return list
}

// audit recomputes the segments that were given to this attester, in the background, and answers all of them at once.
func (a *Attester) audit(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) error {
	list := a.requests(r)
	if len(list) == 0 {
		return nil
	}
	at, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	var answers []protocol.Finding
	for _, q := range list {
		if f, known := at.findings[q.auditKey]; known {
			answers = append(answers, f)
		}
	}
	if len(answers) < len(list) && len(answers) < protocol.MaxFindings {
		return a.computeAudits(ctx, s, r, ws, at, list)
	}
	answers = answers[:min(len(answers), protocol.MaxFindings)]
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Review{Account: a.Account, Round: r.Round.Number, Findings: answers})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for _, f := range answers {
		a.tell(Note{Kind: "audited", Round: r.Round.Number, Slot: f.Slot, Text: verdictText(f)})
	}
	return nil
}

func verdictText(f protocol.Finding) string {
	if f.OK {
		return fmt.Sprintf("segment %d of %s gives the committed leaf", f.Segment, f.Trainer)
	}
	return fmt.Sprintf("segment %d of %s is NOT what was committed: dispute", f.Segment, f.Trainer)
}

// computeAudits starts the work on what is not known yet. A body that is not here is fetched first.
func (a *Attester) computeAudits(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker, at *attestation, list []request) error {
	trails := map[uint32]*Trail{}
	for _, q := range list {
		if trails[q.slot] != nil {
			continue
		}
		t, err := a.trail(ctx, s, r, at, q.trainer, q.work, ws)
		if err != nil || t == nil {
			return err
		}
		trails[q.slot] = t
	}
	found := map[auditKey]protocol.Finding{}
	work := func(ctx context.Context) error {
		for _, q := range list {
			if _, known := at.findings[q.auditKey]; known {
				continue
			}
			f, err := a.find(ctx, r, trails[q.slot], q, peerOf(ws, q.trainer))
			if err != nil {
				return fmt.Errorf("audit of slot %d segment %d: %w", q.slot, q.segment, err)
			}
			found[q.auditKey] = f
		}
		return nil
	}
	a.background(ctx, work, func() {
		for k, f := range found {
			at.findings[k] = f
		}
	})
	return nil
}

// find recomputes one segment.
func (a *Attester) find(ctx context.Context, r *protocol.RoundState, t *Trail, q request, from peer.ID) (protocol.Finding, error) {
	res, err := t.Audit(ctx, a.work, q.segment, func(leaf uint32) (*Served, error) {
		return a.askState(ctx, from, r, t, leaf)
	})
	if err != nil {
		return protocol.Finding{}, err
	}
	return protocol.Finding{Trainer: q.trainer, Slot: q.slot, Segment: q.segment, OK: res.OK, Work: protocol.Work(a.Account, StateDigest(res.Got.End))}, nil
}

// askState asks a trainer for the state at a leaf.
func (a *Attester) askState(ctx context.Context, from peer.ID, r *protocol.RoundState, t *Trail, leaf uint32) (*Served, error) {
	if from == "" {
		return nil, errors.New("its trainer has no node")
	}
	n := len(t.Job.Start.Adapter.Params)
	b, err := a.Host.FetchState(ctx, from, r.Round.Run, r.Round.Number, t.Job.Slot, leaf, MaxServed(n, t.Job.Spec.SegmentLen()))
	if err != nil {
		a.Log.Debug("a state is not served and will be computed", "round", r.Round.Number, "slot", t.Job.Slot, "leaf", leaf, "err", err)
		return nil, err
	}
	return DecodeServed(b, n)
}

func peerOf(ws []Worker, account protocol.Account) peer.ID {
	i := slices.IndexFunc(ws, func(w Worker) bool { return w.Account == account })
	if i < 0 {
		return ""
	}
	return ws[i].Peer
}

// trail is a slot's trail, or nil while its body is being fetched.
func (a *Attester) trail(ctx context.Context, s *protocol.State, r *protocol.RoundState, at *attestation, trainer protocol.Account, w protocol.SlotWork, ws []Worker) (*Trail, error) {
	d := w.Commit.Body
	file, err := ckpt.GetBytes(a.Store, d, protocol.MaxBodyBytes)
	if errors.Is(err, ckpt.ErrNotFound) || errors.Is(err, ckpt.ErrDamaged) {
		a.fetch(ctx, at, d, w.Commit.Size, trainer, ws)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return NewTrail(NewJob(&s.Run.Spec, &r.Round, w.Index, at.start, a.Train), w.Commit, file)
}
