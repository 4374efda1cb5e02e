package cheat

import (
	"context"
	"slices"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// FalseAccuser calls all work that it has to audit forged.
func FalseAccuser(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	return finding(e, func(f *protocol.Finding) { f.OK = false }), nil
}

// Lazy calls all work good without having computed it, so that it has no proof of work.
func Lazy(_ context.Context, _ worker.Chain, _ uint64, e protocol.Event) (protocol.Event, error) {
	return finding(e, func(f *protocol.Finding) { f.OK, f.Work = true, madeUp("work") }), nil
}

func finding(e protocol.Event, change func(*protocol.Finding)) protocol.Event {
	v, ok := e.(protocol.Review)
	if !ok || len(v.Findings) == 0 {
		return e
	}
	v.Findings = slices.Clone(v.Findings)
	for i := range v.Findings {
		change(&v.Findings[i])
	}
	return v
}
