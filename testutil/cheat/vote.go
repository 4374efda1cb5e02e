package cheat

import (
	"context"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Echo repeats the blind vote of whoever votes first.
func Echo(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
	v, ok := e.(protocol.Attest)
	if !ok {
		return e, nil
	}
	for {
		s, err := c.Sight(ctx, run)
		if err != nil {
			return nil, err
		}
		r := s.State.Find(v.Round)
		if r == nil || r.Round.Phase != protocol.PhaseAttest {
			return nil, nil // nobody voted in time
		}
		for _, other := range r.Votes {
			if other.Attester != v.Account && !other.Blind.IsZero() {
				v.Blind = other.Blind
				return v, nil
			}
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// OtherDigest votes for a checkpoint that nobody computed.
func OtherDigest(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	switch v := e.(type) {
	case protocol.Attest:
		v.Blind = madeUp("checkpoint")
		return v, nil
	case protocol.Reveal:
		return nil, nil
	}
	return e, nil
}

// WithholdVote commits to a salt and never opens it: it waits to see whether the draw would suit it.
func WithholdVote(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	if _, ok := e.(protocol.Attest); ok {
		return nil, nil
	}
	return e, nil
}

// WithholdSalt votes without the salt that it committed to.
func WithholdSalt(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	if v, ok := e.(protocol.Attest); ok {
		v.Salt = digest.Digest{}
		return v, nil
	}
	return e, nil
}
