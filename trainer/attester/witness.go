package attester

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// witnessEvery is the shortest pause between two witness messages of one round.
const witnessEvery = time.Second

// takeAll checks the committed bodies that have come, and fetches in the background those that have not (fetch: also
// right away, because the round waits for them).
func (a *attester) takeAll(ctx context.Context, s *worker.Sight, r *protocol.RoundState, fetch bool) error {
	work, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, w := range p.Slots {
			if !w.Committed() || work.changes[w.Commit.Body] != nil || work.bad[w.Index] != "" {
				continue
			}
			if err := a.take(ctx, s, r, work, p.Trainer, w, fetch); err != nil {
				return err
			}
		}
	}
	return nil
}

// take checks one committed body if it is in the store.
func (a *attester) take(ctx context.Context, s *worker.Sight, r *protocol.RoundState, work *roundWork,
	trainer protocol.Account, w protocol.SlotWork, fetch bool) error {
	file, err := a.body(w.Commit.Body)
	if err != nil {
		return err
	}
	if file == nil {
		if fetch {
			a.fetch(ctx, s, work, trainer, w.Commit)
		}
		return nil
	}
	x, err := checkpoint.CheckBody(&s.State.Run.Spec, work.start, work.first, w.Commit, file)
	if err != nil {
		work.bad[w.Index] = err.Error()
		a.Say(&status.Malformed{At: worker.Of(r.Round.Number, w.Index), Trainer: trainer, Error: err.Error()})
		return nil
	}
	work.changes[w.Commit.Body] = x
	a.Host.Offer(w.Commit.Body)
	return nil
}

// body reads a delta's file from the store; nil when it is not here. A damaged one is as good as absent: it is fetched again.
func (a *attester) body(d digest.Digest) ([]byte, error) {
	file, err := ckpt.GetBytes(a.Store, d, protocol.MaxBodyBytes)
	switch {
	case errors.Is(err, ckpt.ErrNotFound):
		return nil, nil
	case errors.Is(err, ckpt.ErrDamaged):
		return nil, a.Store.Delete(d)
	}
	return file, err
}

// fetch starts one background fetch of a body, from its trainer first.
func (a *attester) fetch(ctx context.Context, s *worker.Sight, work *roundWork, trainer protocol.Account, c protocol.Commit) {
	if t := work.fetching[c.Body]; t != nil {
		over, err := t.Collect()
		if !over {
			return
		}
		a.Log.Debug("a body was not to be had", "body", c.Body, "err", err)
	}
	from := s.Peer(trainer)
	a.fetches.Add(1)
	work.fetching[c.Body] = worker.Begin(ctx, func(ctx context.Context) error {
		defer a.fetches.Done()
		return a.Host.Fetch(ctx, c.Body, c.Size, from)
	}, nil)
}

// witness tells the chain what was found so far: at once when every commitment is judged, else now and then, and in any
// case before the phase ends, since silence counts as absence.
func (a *attester) witness(ctx context.Context, s *worker.Sight, r *protocol.RoundState) error {
	work := a.rounds[r.Round.Number]
	if work == nil {
		return nil
	}
	var ok, bad []uint32
	missing := 0
	for i := range r.Parts {
		for _, w := range r.Parts[i].Slots {
			switch {
			case !w.Committed():
			case work.bad[w.Index] != "":
				bad = append(bad, w.Index)
			case work.changes[w.Commit.Body] != nil:
				ok = append(ok, w.Index)
			default:
				missing++
			}
		}
	}
	slices.Sort(ok)
	slices.Sort(bad)
	v := r.VoteBy(a.Account)
	if v.Witnessed && len(v.Ok) == len(ok) && len(v.Bad) == len(bad) {
		return nil
	}
	run, late := s.State.Run.ID, r.Round.Deadline.Sub(s.Now) < s.State.Run.Spec.PublishTime/4
	if missing > 0 && !late && time.Since(work.witnessed) < witnessEvery || missing > 0 && !late && len(ok)+len(bad) == 0 {
		return nil
	}
	work.witnessed = time.Now()
	salt, err := a.salt(run, r.Round.Number)
	if err != nil {
		return err
	}
	commit := protocol.SaltCommitment(a.Account, run, r.Round.Number, salt)
	err = a.Chain.Submit(ctx, run, protocol.Witness{Account: a.Account, Round: r.Round.Number, Ok: ok, Bad: bad, Salt: commit})
	if errors.Is(err, protocol.ErrPhase) {
		return nil // two thirds were enough, and the phase closed in the meantime
	}
	if err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	a.Say(&status.Witnessed{At: worker.In(r.Round.Number), Complete: len(ok), Invalid: len(bad), Missing: missing})
	return nil
}

// salt is this attester's part in the draw of a round's audits. It follows from the node key, so that a restart between
// witness and vote does not lose it.
func (a *attester) salt(run, round uint64) (digest.Digest, error) {
	return a.Host.Secret(fmt.Sprintf("salt/%d/%d", run, round))
}
