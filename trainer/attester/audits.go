package attester

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
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
func (a *attester) requests(r *protocol.RoundState) (list []request) {
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
func (a *attester) audit(ctx context.Context, s *worker.Sight, r *protocol.RoundState) error {
	list := a.requests(r)
	if len(list) == 0 {
		return nil
	}
	work, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	var answers []protocol.Finding
	for _, q := range list {
		if f, known := work.findings[q.auditKey]; known {
			answers = append(answers, f)
		}
	}
	if len(answers) < len(list) && len(answers) < protocol.MaxFindings {
		return a.computeAudits(ctx, s, r, work, list)
	}
	answers = answers[:min(len(answers), protocol.MaxFindings)]
	err = a.Chain.Submit(ctx, s.State.Run.ID, protocol.Review{Account: a.Account, Round: r.Round.Number, Findings: answers})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for _, f := range answers {
		a.Say(&status.Audited{At: worker.Of(r.Round.Number, f.Slot), Trainer: f.Trainer, Segment: f.Segment, OK: f.OK})
	}
	return nil
}

// computeAudits starts the work on what is not known yet. A body that is not here is fetched first.
func (a *attester) computeAudits(ctx context.Context, s *worker.Sight, r *protocol.RoundState, work *roundWork, list []request) error {
	trails := map[uint32]*replay.Trail{}
	for _, q := range list {
		if trails[q.slot] != nil {
			continue
		}
		t, err := a.trail(ctx, s, r, work, q.trainer, q.work)
		if err != nil || t == nil {
			return err
		}
		trails[q.slot] = t
	}
	found := map[auditKey]protocol.Finding{}
	recompute := func(ctx context.Context) error {
		for _, q := range list {
			if _, known := work.findings[q.auditKey]; known {
				continue
			}
			f, err := a.find(ctx, r, trails[q.slot], q, s.Peer(q.trainer))
			if err != nil {
				return fmt.Errorf("audit of slot %d segment %d: %w", q.slot, q.segment, err)
			}
			found[q.auditKey] = f
		}
		return nil
	}
	a.background(ctx, recompute, func() {
		for k, f := range found {
			work.findings[k] = f
		}
	})
	return nil
}

// find recomputes one segment.
func (a *attester) find(ctx context.Context, r *protocol.RoundState, t *replay.Trail, q request, from peer.ID) (protocol.Finding, error) {
	res, err := t.Audit(ctx, a.pass, q.segment, func(leaf uint32) (*replay.Served, error) {
		return a.askSnapshot(ctx, from, r, t, leaf)
	})
	if err != nil {
		return protocol.Finding{}, err
	}
	return protocol.Finding{Trainer: q.trainer, Slot: q.slot, Segment: q.segment, OK: res.OK,
		Work: protocol.Work(a.Account, res.Got.End.Digest())}, nil
}

// askSnapshot asks a trainer for the snapshot at a leaf.
func (a *attester) askSnapshot(ctx context.Context, from peer.ID, r *protocol.RoundState, t *replay.Trail, leaf uint32) (*replay.Served,
	error) {
	if from == "" {
		return nil, errors.New("its trainer has no node")
	}
	n := len(t.Job.Start.Adapter.Params)
	b, err := a.Host.FetchSnapshot(ctx, from, r.Round.Run, r.Round.Number, t.Job.Slot, leaf, replay.MaxServed(n, t.Job.Spec.SegmentLen()))
	if err != nil {
		a.Log.Debug("a snapshot is not served and will be computed", "round", r.Round.Number, "slot", t.Job.Slot, "leaf", leaf, "err", err)
		return nil, err
	}
	return replay.DecodeServed(b, n)
}

// trail is a slot's trail, or nil while its body is being fetched.
func (a *attester) trail(ctx context.Context, s *worker.Sight, r *protocol.RoundState, work *roundWork,
	trainer protocol.Account, w protocol.SlotWork) (*replay.Trail, error) {
	file, err := a.body(w.Commit.Body)
	if err != nil {
		return nil, err
	}
	if file == nil {
		a.fetch(ctx, s, work, trainer, w.Commit)
		return nil, nil
	}
	return replay.NewTrail(replay.NewJob(&s.State.Run.Spec, &r.Round, w.Index, work.start, a.Train), w.Commit, file)
}
