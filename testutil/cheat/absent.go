package cheat

import (
	"context"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Unready says Ready and has nothing: it witnesses no body, votes for what it made up, and recomputes nothing.
func Unready(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
	switch v := e.(type) {
	case protocol.Ready:
		return v, nil
	case protocol.Witness:
		v.Ok, v.Bad = nil, nil
		return v, nil
	case protocol.Attest:
		return OtherDigest(ctx, c, run, v)
	}
	return nil, nil
}

// SilentAttester says Ready and nothing after it.
func SilentAttester(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	if _, ok := e.(protocol.Ready); ok {
		return e, nil
	}
	return nil, nil
}

// Dropped is a lie that says Ready once and not again: whoever is dropped for it stays away.
func Dropped(lie Lie) Lie {
	said := false
	return func(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
		if _, ok := e.(protocol.Ready); ok {
			if said {
				return nil, nil
			}
			said = true
		}
		return lie(ctx, c, run, e)
	}
}
