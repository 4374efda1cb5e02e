package cheat

import (
	"github.com/weftnet/weft/trainer"
)

// Scale does the work and sends a thousand times its delta; the last leaf binds what is sent.
func Scale() trainer.SlotFunc { return sending(1000) }

// OtherBody does the work and sends the opposite of its delta; the last leaf binds what is sent.
func OtherBody() trainer.SlotFunc { return sending(-1) }

func sending(factor float32) trainer.SlotFunc {
	return forging(plan{payload: func(j *trainer.Job, end trainer.State) ([]byte, error) {
		s := begin(j)
		for i, start := range j.Start.Adapter.Params {
			s.Params[i] = start + factor*(end.Params[i]-start)
		}
		return j.Encode(s)
	}})
}
