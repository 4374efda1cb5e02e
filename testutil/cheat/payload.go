package cheat

import (
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// Scale does the work and sends a thousand times its delta; the last leaf binds what is sent.
func Scale() slot.Func { return sending(1000) }

// OtherBody does the work and sends the opposite of its delta; the last leaf binds what is sent.
func OtherBody() slot.Func { return sending(-1) }

func sending(factor float32) slot.Func {
	return forging(plan{payload: func(j *replay.Job, end replay.Snapshot) ([]byte, error) {
		s := replay.First(j.Start)
		for i, start := range j.Start.Adapter.Params {
			s.Params[i] = start + factor*(end.Params[i]-start)
		}
		return j.Encode(s)
	}})
}
