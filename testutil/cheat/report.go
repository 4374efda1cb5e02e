package cheat

import (
	"context"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// FalseReport votes for an evaluation that makes the model look perfect, and tries to report it.
func FalseReport(ctx context.Context, c worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
	const nats, tokens = 1, 1
	switch v := e.(type) {
	case protocol.Review:
		s, err := c.Sight(ctx, run)
		if err != nil || v.Blind.IsZero() {
			return v, err
		}
		if r := s.State.Find(v.Round); r != nil {
			v.Blind = protocol.EvalBlind(v.Account, run, v.Round, r.Round.Result.Checkpoint, nats, tokens)
		}
		return v, nil
	case protocol.Report:
		v.MicroNats, v.Tokens = nats, tokens
		return v, nil
	}
	return e, nil
}
