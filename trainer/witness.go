package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// collect checks the committed bodies that have come, and fetches in the background those that have not (fetch: also
// right away, because the round waits for them).
func (a *Attester) collect(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker, fetch bool) error {
	at, err := a.about(ctx, r)
	if err != nil {
		return err
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, w := range p.Slots {
			if !w.Committed() || at.decoded[w.Commit.Body] != nil || at.bad[w.Index] != "" {
				continue
			}
			if err := a.take(ctx, s, at, p.Trainer, w, ws, fetch); err != nil {
				return err
			}
		}
	}
	return nil
}

// take checks one committed body if it is in the store.
func (a *Attester) take(ctx context.Context, s *protocol.State, at *attestation, trainer protocol.Account, w protocol.SlotWork, ws []Worker, fetch bool) error {
	d := w.Commit.Body
	file, err := ckpt.GetBytes(a.Store, d, protocol.MaxBodyBytes)
	if errors.Is(err, ckpt.ErrDamaged) { // as good as absent: it is fetched again
		if err := a.Store.Delete(d); err != nil {
			return err
		}
	}
	if errors.Is(err, ckpt.ErrNotFound) || errors.Is(err, ckpt.ErrDamaged) {
		if fetch {
			a.fetch(ctx, at, d, w.Commit.Size, trainer, ws)
		}
		return nil
	}
	if err != nil {
		return err
	}
	x, err := CheckBody(&s.Run.Spec, at.start, at.first, w.Commit, file)
	if err != nil {
		at.bad[w.Index] = err.Error()
		a.tell(Note{Kind: "problem", Slot: w.Index, Text: fmt.Sprintf("body of %s is invalid: %v", trainer, err)})
		return nil
	}
	at.decoded[d] = x
	a.Host.Offer(d)
	return nil
}

// fetch starts one background fetch of a body, from its trainer first.
func (a *Attester) fetch(ctx context.Context, at *attestation, d digest.Digest, size uint64, trainer protocol.Account, ws []Worker) {
	if c := at.fetching[d]; c != nil {
		select {
		case err := <-c:
			a.Log.Debug("a body was not to be had", "body", d, "err", err)
		default:
			return
		}
	}
	var prefer []peer.ID
	for _, w := range ws {
		if w.Account == trainer {
			prefer = append(prefer, w.Peer)
		}
	}
	c := make(chan error, 1)
	at.fetching[d] = c
	a.fetches.Go(func() { c <- a.Host.Fetch(ctx, d, size, prefer...) })
}

// witness tells the chain what was found so far: at once when every commitment is judged, else now and then, and in any
// case before the phase ends, since silence counts as absence.
func (a *Attester) witness(ctx context.Context, s *protocol.State, r *protocol.RoundState, now time.Time) error {
	at := a.rounds[r.Round.Number]
	if at == nil {
		return nil
	}
	var ok, bad []uint32
	missing := 0
	for i := range r.Parts {
		for _, w := range r.Parts[i].Slots {
			switch {
			case !w.Committed():
			case at.bad[w.Index] != "":
				bad = append(bad, w.Index)
			case at.decoded[w.Commit.Body] != nil:
				ok = append(ok, w.Index)
			default:
				missing++
			}
		}
	}
	slices.Sort(ok)
	slices.Sort(bad)
	v := voteOf(r, a.Account)
	if v.Witnessed && len(v.Ok) == len(ok) && len(v.Bad) == len(bad) {
		return nil
	}
	late := r.Round.Deadline.Sub(now) < s.Run.Spec.PublishTime/4
	if missing > 0 && !late && time.Since(at.witnessed) < witnessEvery || missing > 0 && !late && len(ok)+len(bad) == 0 {
		return nil
	}
	at.witnessed = time.Now()
	salt, err := a.salt(s.Run.ID, r.Round.Number)
	if err != nil {
		return err
	}
	commit := protocol.SaltCommitment(a.Account, s.Run.ID, r.Round.Number, salt)
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Witness{Account: a.Account, Round: r.Round.Number, Ok: ok, Bad: bad, Salt: commit})
	if errors.Is(err, protocol.ErrPhase) {
		return nil // two thirds were enough, and the phase closed in the meantime
	}
	if err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	a.tell(Note{Kind: "witnessed", Round: r.Round.Number, Text: fmt.Sprintf("%d complete, %d invalid, %d missing", len(ok), len(bad), missing)})
	return nil
}

// salt is this attester's part in the draw of a round's audits. It follows from the node key, so that a restart between
// witness and vote does not lose it.
func (a *Attester) salt(run, round uint64) (digest.Digest, error) {
	return a.Host.Secret(fmt.Sprintf("salt/%d/%d", run, round))
}

// voteOf is the attester's vote in a round; an empty one if there is none.
func voteOf(r *protocol.RoundState, a protocol.Account) protocol.Vote {
	for _, v := range r.Votes {
		if v.Attester == a {
			return v
		}
	}
	return protocol.Vote{}
}
