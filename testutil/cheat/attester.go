package cheat

import (
	"context"
	"crypto/sha256"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Lie changes what an attester is about to send; nil means that nothing is sent, and the attester is told that it was.
type Lie func(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error)

// Attester puts a lie between a real attester and the chain: Options.Wrap of a network, for one worker.
func Attester(c worker.Chain, lie Lie) worker.Chain { return &liar{c, lie} }

type liar struct {
	worker.Chain
	lie Lie
}

func (l *liar) Submit(ctx context.Context, run uint64, events ...protocol.Event) error {
	var said []protocol.Event
	for _, e := range events {
		changed, err := l.lie(ctx, l.Chain, run, e)
		if err != nil {
			return err
		}
		if changed != nil {
			said = append(said, changed)
		}
	}
	if len(said) == 0 {
		return nil
	}
	return l.Chain.Submit(ctx, run, said...)
}

// In lets somebody lie in one round and be honest in all others.
func In(round uint64, lie Lie) Lie {
	return func(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
		if r, ok := roundOf(e); !ok || r != round {
			return e, nil
		}
		return lie(ctx, c, run, e)
	}
}

// Both tells two lies.
func Both(a, b Lie) Lie {
	return func(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
		e, err := a(ctx, c, run, e)
		if err != nil || e == nil {
			return nil, err
		}
		return b(ctx, c, run, e)
	}
}

// roundOf is the round that an attester's message belongs to.
func roundOf(e protocol.Event) (uint64, bool) {
	switch e := e.(type) {
	case protocol.Witness:
		return e.Round, true
	case protocol.Attest:
		return e.Round, true
	case protocol.Reveal:
		return e.Round, true
	case protocol.Review:
		return e.Round, true
	case protocol.Report:
		return e.Round, true
	case protocol.Judge:
		return e.Round, true
	case protocol.Conclude:
		return e.Round, true
	}
	return 0, false
}

// madeUp is a digest that stands for nothing.
func madeUp(what string) digest.Digest { return sha256.Sum256([]byte("made up: " + what)) }
