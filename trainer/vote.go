package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// attest votes blindly on the round's outcome, and opens the votes when two thirds have voted.
func (a *Attester) attest(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) error {
	o, err := a.outcome(ctx, s, r, ws)
	if err != nil || o == nil {
		return err
	}
	if v := voteOf(r, a.Account); v.Blind.IsZero() {
		blind := protocol.Blind(a.Account, s.Run.ID, r.Round.Number, o.Checkpoint, o.Root())
		var salt digest.Digest
		if !v.SaltCommit.IsZero() {
			if salt, err = a.salt(s.Run.ID, r.Round.Number); err != nil {
				return err
			}
		}
		if err := a.Chain.Submit(ctx, s.Run.ID, protocol.Attest{Account: a.Account, Round: r.Round.Number, Blind: blind, Salt: salt}); err != nil {
			return fmt.Errorf("attest: %w", err)
		}
		a.tell(Note{Kind: "voted", Round: r.Round.Number, Text: o.Checkpoint.Short()})
		return nil
	}
	if r.Round.Opened || !a.turn(&r.Round) {
		return nil
	}
	err = a.Chain.Submit(ctx, s.Run.ID, protocol.Reveal{Account: a.Account, Round: r.Round.Number, Outcome: *o})
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil // at a later block, or another attester was first
	}
	if err != nil {
		return fmt.Errorf("reveal: %w", err)
	}
	a.tell(Note{Kind: "revealed", Round: r.Round.Number, Text: o.Checkpoint.String()})
	return nil
}

// turn spreads the opening of votes: the first seat at once, each further one a moment later, so that all of them do not
// send the same transaction.
func (a *Attester) turn(r *protocol.Round) bool {
	return !r.QuorumAt.IsZero() && time.Since(r.QuorumAt) >= time.Duration(a.behind)*2*time.Second
}

// outcome folds the included bodies; nil while one of them is still missing here.
func (a *Attester) outcome(ctx context.Context, s *protocol.State, r *protocol.RoundState, ws []Worker) (*protocol.Outcome, error) {
	at, err := a.about(ctx, r)
	if err != nil || at.outcome != nil {
		return at.safeOutcome(), err
	}
	if err := a.collect(ctx, s, r, ws, true); err != nil {
		return nil, err
	}
	spec := &s.Run.Spec
	o := &protocol.Outcome{}
	for i := range r.Parts {
		p := &r.Parts[i]
		for _, w := range p.Slots {
			j := NewJob(spec, &r.Round, w.Index, at.start, a.Train)
			o.AssignedTokens += j.Tokens(spec.InnerSteps)
			if _, in := slices.BinarySearch(r.Round.Included, w.Index); !in {
				continue
			}
			if at.decoded[w.Commit.Body] == nil {
				return nil, nil
			}
			o.Contributions = append(o.Contributions, protocol.Contribution{Trainer: p.Trainer, Slot: w.Index, Delta: w.Commit.Body, Steps: w.Commit.Steps, Tokens: j.Tokens(w.Commit.Steps)})
		}
	}
	slices.SortFunc(o.Contributions, func(x, y protocol.Contribution) int { return int(int64(x.Slot) - int64(y.Slot)) })
	next, err := Fold(a.Store, at.start, spec, s.Run.ID, r.Round.Number, o.Contributions, at.decoded)
	if err != nil {
		return nil, fmt.Errorf("round %d cannot be folded: %w", r.Round.Number, err)
	}
	o.Checkpoint, o.Size = next.Digest, next.Size()
	at.outcome = o
	return o, nil
}

func (at *attestation) safeOutcome() *protocol.Outcome {
	if at == nil {
		return nil
	}
	return at.outcome
}
