package attester

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// ballot is a blind vote on something that this attester has computed: it says what it got without showing it, and when two
// thirds have spoken, one of them opens the votes.
type ballot struct {
	name     string    // for errors
	voted    bool      // this attester has
	opened   bool      // somebody has
	quorumAt time.Time // when two thirds had voted; zero: not yet
	vote     protocol.Event
	open     func() protocol.Event
	saidVote status.Placed // told after voting
	saidOpen status.Placed // told after opening
}

// turnOf is the pause after which each further seat opens, so that all of them do not send the same transaction.
const turnOf = 2 * time.Second

// cast votes, or opens the votes when it is this attester's turn.
func (a *attester) cast(ctx context.Context, run uint64, b ballot) error {
	if !b.voted {
		if err := a.Chain.Submit(ctx, run, b.vote); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		a.Say(b.saidVote)
		return nil
	}
	if b.opened || b.quorumAt.IsZero() || time.Since(b.quorumAt) < time.Duration(a.seat)*turnOf {
		return nil
	}
	err := a.Chain.Submit(ctx, run, b.open())
	if errors.Is(err, protocol.ErrEarly) || errors.Is(err, protocol.ErrDuplicate) || errors.Is(err, protocol.ErrPhase) {
		return nil // at a later block, or another attester was first
	}
	if err != nil {
		return fmt.Errorf("open the votes of %s: %w", b.name, err)
	}
	a.Say(b.saidOpen)
	return nil
}
