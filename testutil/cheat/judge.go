package cheat

import (
	"context"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// FalseJudge says of every disputed slot that its first segment differs.
func FalseJudge(_ context.Context, _ worker.Chain, run uint64, e protocol.Event) (protocol.Event, error) {
	switch v := e.(type) {
	case protocol.Judge:
		v.Blind = protocol.RulingBlind(v.Account, run, v.Round, v.Slot, protocol.Ruling{Leaf: madeUp("leaf")})
		return v, nil
	case protocol.Conclude:
		return nil, nil
	}
	return e, nil
}
